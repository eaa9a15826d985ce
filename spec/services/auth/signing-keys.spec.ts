import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthService, Plugin, PluginKeyStore, Service, type StoredKey } from '../../../lib/index.js';
import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import { BackendStartupError } from '../../../lib/errors/backend-startup-error.js';
import type { Credentials } from '../../../lib/api/credentials.js';
import { IssuedTokens } from '../../../lib/services/auth/issued-tokens.js';
import { RotatingKeys } from '../../../lib/services/auth/signing-keys.js';
import { Backend } from '../../../lib/default-backend.js';
import { TestBackend } from '../../../lib/testing/index.js';

const minute = 60_000;
const hour = 60 * minute;

describe('The keys of a plugin', () => {
  /** Keys at a time that the test says. */
  function keysAt(start = 0) {
    const clock = { now: start };
    const keys = new RotatingKeys(undefined, () => clock.now);
    const published = async () => (await keys.publicKeys()).map(({ kid }) => kid);
    const used = async () => (await keys.signer()).publicKey.kid;
    return { clock, published, used };
  }

  it('are one at first, which is the same for all who ask at once', async () => {
    const { published, used } = keysAt();
    const ids = await Promise.all([used(), used(), published().then(([kid]) => kid), used()]);

    expect(new Set(ids).size).to.equal(1);
  });

  it('change every hour, and the new one is shown a minute before it is signed with', async () => {
    const { clock, published, used } = keysAt();
    const first = await used();
    clock.now = hour - 1;
    expect(await published()).to.deep.equal([first]);
    clock.now = hour;
    expect(await used()).to.equal(first);
    const [, second] = await published();
    clock.now = hour + minute;

    expect(await used())
      .to.equal(second)
      .and.not.equal(first);
  });

  it('are shown for as long as what they have signed may be good', async () => {
    const { clock, published, used } = keysAt();
    const signed = new Map<string, number>();
    for (; clock.now < 12 * hour; clock.now += 7 * minute) {
      signed.set(await used(), clock.now);
      const shown = await published();
      for (const [kid, at] of signed) if (clock.now - at <= hour) expect(shown).to.include(kid);
      expect(shown.length).to.be.at.most(5);
    }
  });

  it('are new after a long rest, and no old one is signed with', async () => {
    const { clock, published, used } = keysAt();
    const first = await used();
    clock.now = 5 * hour;

    expect(await used()).to.not.equal(first);
    expect(await published()).to.not.include(first);
  });

  it('are put into the key store of the installation, without the private half', async () => {
    const stored: StoredKey[] = [];
    @Service({ implements: PluginKeyStore })
    class KeptKeys extends PluginKeyStore {
      override async add(key: StoredKey): Promise<void> {
        stored.push(key);
      }

      override async list(): Promise<readonly StoredKey[]> {
        return stored;
      }
    }
    await using backend = await TestBackend.start({ features: [PluginA, KeptKeys] });
    const { auth } = backend.get(PluginA, { pluginId: 'a' });
    const { keys } = await auth.listPublicServiceKeys();

    expect(stored.map(({ key }) => key)).to.deep.equal(keys);
    expect(keys[0]).to.not.have.property('d');
    const life = stored[0]!.expiresAt.getTime() - Date.now();
    expect(life).to.be.within(3 * hour - minute, 3 * hour);
  });

  it('sign anew what was signed while the clock was ahead, since nobody believes that', async () => {
    const tokens = new IssuedTokens('a', new RotatingKeys());
    const nobody = {} as Credentials;
    const { now } = Date;
    let ahead: string;
    try {
      Date.now = () => now() + 24 * hour;
      ahead = await tokens.tokenFor(nobody, 'b');
    } finally {
      Date.now = now;
    }
    const token = await tokens.tokenFor(nobody, 'b');

    expect(decodeJwt(ahead).iat).to.be.above(Date.now() / 1_000 + 3_600);
    expect(decodeJwt(token).iat).to.be.at.most(Date.now() / 1_000);
    expect(await tokens.tokenFor(nobody, 'b')).to.equal(token);
  });

  it('are what its tokens are verified with', async () => {
    await using backend = await TestBackend.start({ features: [PluginA] });
    const { auth } = backend.get(PluginA, { pluginId: 'a' });
    const token = () =>
      auth.getPluginRequestToken({ onBehalfOf: auth.getOwnServiceCredentials(), targetPluginId: 'b' });
    const [{ token: first }, { keys }] = [await token(), await auth.listPublicServiceKeys()];

    expect(decodeProtectedHeader(first).kid).to.equal(keys[0]!['kid']);
    await jwtVerify(first, await importJWK(keys[0]!, 'ES256'), { audience: 'b', subject: 'a' });
  });
});

describe('The keys of a plugin, from files,', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys-'));
    for (const name of ['one', 'two']) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      writeFileSync(file(`${name}.pub`), pair.publicKey.export({ type: 'spki', format: 'pem' }));
      writeFileSync(file(`${name}.key`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    }
    writeFileSync(file('broken.pub'), 'no key');
  });

  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string) => join(folder, name);
  const configOf = (...keys: JsonValue[]): JsonObject => ({
    backend: { auth: { pluginKeyStore: { type: 'static', static: { keys } } } },
  });

  it('are the same in every instance: the first is signed with, and all are good', async () => {
    const one = { publicKeyFile: file('one.pub'), privateKeyFile: file('one.key'), keyId: 'one' };
    const two = { publicKeyFile: file('two.pub'), privateKeyFile: file('two.key'), keyId: 'two', algorithm: 'ES256' };
    await using first = await TestBackend.start({ features: [PluginA, PluginB], config: configOf(one, two) });
    await using second = await TestBackend.start({ features: [PluginA, PluginB], config: configOf(two, one) });
    const { auth } = first.get(PluginA, { pluginId: 'a' });
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: auth.getOwnServiceCredentials(),
      targetPluginId: 'b',
    });

    expect([decodeProtectedHeader(token).kid, decodeJwt(token).sub]).to.deep.equal(['one', 'a']);
    for (const backend of [first, second]) {
      const { principal } = await backend.get(PluginB, { pluginId: 'b' }).auth.authenticate(token);
      expect(principal).to.deep.equal({ type: 'service', subject: 'plugin:a' });
    }
  });

  it('are named relative to the package of the backend', async () => {
    const key = { publicKeyFile: 'one.pub', privateKeyFile: './one.key', keyId: 'one' };
    const found: AuthService[] = [];
    @Plugin({ pluginId: 'finder' })
    class FinderPlugin {
      constructor(auth: AuthService) {
        found.push(auth);
      }
    }
    const { auth } = configOf(key)['backend'] as JsonObject;
    const config = { backend: { auth: auth!, listen: false, logger: { level: 'silent' } } };
    await using backend = new Backend({ features: [FinderPlugin], config, root: folder });
    await backend.start();

    expect((await found[0]!.listPublicServiceKeys()).keys.map(({ kid }) => kid)).to.deep.equal(['one']);
  });

  const wrong: Readonly<Record<string, readonly [config: () => JsonObject, at: string]>> = {
    'there are none': [() => configOf(), 'static.keys'],
    'the first has no private half': [() => configOf({ publicKeyFile: file('one.pub'), keyId: 'a' }), 'privateKeyFile'],
    'a file is not there': [
      () => configOf({ publicKeyFile: file('none.pub'), privateKeyFile: file('one.key'), keyId: 'a' }),
      'publicKeyFile',
    ],
    'a file holds no key': [
      () => configOf({ publicKeyFile: file('broken.pub'), privateKeyFile: file('one.key'), keyId: 'a' }),
      'publicKeyFile',
    ],
    'a key has no id': [() => configOf({ publicKeyFile: file('one.pub'), privateKeyFile: file('one.key') }), 'keyId'],
    'the algorithm is symmetric': [
      () =>
        configOf({
          publicKeyFile: file('one.pub'),
          privateKeyFile: file('one.key'),
          keyId: 'a',
          algorithm: 'HS256',
        }),
      'algorithm',
    ],
    'they are to be kept somewhere else': [() => ({ backend: { auth: { pluginKeyStore: { type: 'disk' } } } }), 'type'],
  };

  for (const [what, [config, at]] of Object.entries(wrong)) {
    it(`are refused by the plan where ${what}`, async () => {
      const error = await TestBackend.plan({ features: [PluginA], config: config() }).catch((e: unknown) => e);

      expect(error).to.be.instanceOf(BackendStartupError);
      expect((error as BackendStartupError).problems[0]!.code).to.match(/^(?:INVALID|MISSING)_CONFIG$/);
      expect((error as BackendStartupError).message)
        .to.include(`backend.auth.pluginKeyStore.`)
        .and.include(at);
    });
  }
});

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(readonly auth: AuthService) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(readonly auth: AuthService) {}
}
