import { expect } from 'chai';
import { inspect } from 'node:util';
import { AuthService, Plugin, UserTokenIssuer, type Credentials } from '../../lib/index.js';
import { RootAuth } from '../../lib/services/auth/root-auth.js';
import { TestBackend } from '../../lib/testing/index.js';
import { AuthPlugin } from '../security/auth-plugin.js';
import { TokenIssuer } from '../security/token-issuer.js';

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(
    readonly auth: AuthService,
    readonly root: RootAuth,
  ) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(readonly auth: AuthService) {}
}

describe('Credentials', () => {
  let backend: TestBackend;
  let a: PluginA;
  let b: PluginB;

  before(async () => {
    backend = await TestBackend.start({ features: [PluginA, PluginB, AuthPlugin] });
    a = backend.get(PluginA, { pluginId: 'a' });
    b = backend.get(PluginB, { pluginId: 'b' });
  });

  after(() => backend.stop());

  async function userToken(): Promise<string> {
    return ((await backend.request.get('/api/auth/token')).body as { token: string }).token;
  }

  async function codeOf(work: () => Promise<unknown>): Promise<unknown> {
    return work().then(
      () => 'nothing',
      (error: unknown) => (error as { code: unknown }).code,
    );
  }

  it('I25 of another plugin cannot be forged: there is no way to sign with its key', async () => {
    await using own = await TokenIssuer.start();
    const { keys } = await b.auth.listPublicServiceKeys();
    const forged = [
      await own.pluginToken({ sub: 'b', aud: 'a' }),
      await own.pluginToken({ sub: 'b', aud: 'a' }, { kid: keys[0]!['kid'] as string }),
    ];
    for (const token of forged) expect(await codeOf(() => a.auth.authenticate(token))).to.equal('illegal_token');
  });

  it('I25 bind a key to its plugin: what a signs is not b’s', async () => {
    const request = { onBehalfOf: a.auth.getOwnServiceCredentials(), targetPluginId: 'b' };
    const [head, claims, signature] = (await a.auth.getPluginRequestToken(request)).token.split('.') as [
      string,
      string,
      string,
    ];
    const changed = Buffer.from(claims, 'base64url').toString().replace('"sub":"a"', '"sub":"auth"');
    const token = `${head}.${Buffer.from(changed).toString('base64url')}.${signature}`;

    expect(await codeOf(() => b.auth.authenticate(token))).to.equal('illegal_token');
  });

  it('I25 show no key: not in the service, its prototypes, or what it gives', async () => {
    const { keys } = await b.auth.listPublicServiceKeys();
    const text = inspect([b.auth, keys, b.auth.getOwnServiceCredentials()], {
      depth: 20,
      showHidden: true,
      getters: true,
    });

    expect(text).to.not.match(/CryptoKey|KeyObject|private|signer/i);
    expect(Object.keys(keys[0]!)).to.not.include('d');
  });

  it('I25 a plugin that injects what all plugins share is given nothing of it', () => {
    expect(Reflect.ownKeys(a.root)).to.deep.equal([]);
    expect(Object.isFrozen(a.root)).to.equal(true);
  });

  it('I25 of users are issued by the plugin auth alone', async () => {
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(readonly issuer: UserTokenIssuer) {}
    }
    const failure = await TestBackend.start({ features: [PluginC] }).catch((error: unknown) => error);

    expect(String(failure)).to.include('FOREIGN_ISSUER');
  });

  it('I26 are worth nothing to another plugin', async () => {
    const token = await userToken();
    const ofB: readonly Credentials[] = [b.auth.getOwnServiceCredentials(), await b.auth.authenticate(token)];
    for (const credentials of ofB) {
      const request = { onBehalfOf: credentials, targetPluginId: 'auth' };
      expect(await codeOf(() => a.auth.getPluginRequestToken(request))).to.equal('FOREIGN_CREDENTIALS');
      expect(await codeOf(() => b.auth.getPluginRequestToken(request))).to.equal('nothing');
    }
    expect(await codeOf(() => a.auth.getLimitedUserToken(ofB[1] as never))).to.equal('FOREIGN_CREDENTIALS');
  });

  it('I26 cannot be made, copied or changed', async () => {
    const good = await a.auth.authenticate(await userToken());
    const copies = [
      { principal: { type: 'service', subject: 'plugin:b' } },
      { ...good },
      Object.create(good) as Credentials,
      structuredClone({ principal: good.principal }),
      new Proxy(good, {}),
      Object.assign(Object.create(Object.getPrototypeOf(good) as object) as object, { principal: good.principal }),
    ] as Credentials[];
    for (const onBehalfOf of copies) {
      const request = { onBehalfOf, targetPluginId: 'b' };
      expect(await codeOf(() => a.auth.getPluginRequestToken(request))).to.equal('FOREIGN_CREDENTIALS');
    }
    expect(() => Object.assign(good, { principal: {} })).to.throw(TypeError);
    expect(() => Object.assign(good.principal, { userEntityRef: 'user:default/root' })).to.throw(TypeError);
    good.expiresAt!.setTime(0);
    expect(good.expiresAt!.getTime()).to.be.above(Date.now());
  });

  it('tell their token to nobody', async () => {
    const token = await userToken();
    const credentials = await a.auth.authenticate(token);
    const [, , signature] = token.split('.');
    const told = [
      JSON.stringify(credentials),
      textOf(credentials),
      inspect(credentials, { depth: 20, showHidden: true, getters: true, customInspect: false }),
      inspect(a.auth, { depth: 20, showHidden: true }),
      Reflect.ownKeys(credentials).join(),
    ];

    for (const text of told) expect(text).to.not.include(signature!.slice(0, 10));
    expect(textOf(credentials)).to.equal('credentials of user:default/ada');
    expect(JSON.parse(told[0]!)).to.have.all.keys('principal', 'expiresAt');
  });

  it('of nobody are the same for all, and nothing else', () => {
    expect(a.auth.getNoneCredentials()).to.equal(b.auth.getNoneCredentials());
    expect(a.auth.isPrincipal(a.auth.getNoneCredentials(), 'none')).to.equal(true);
    expect(a.auth.isPrincipal(a.auth.getNoneCredentials(), 'user')).to.equal(false);
    expect(JSON.stringify(a.auth.getNoneCredentials())).to.equal('{"principal":{"type":"none"}}');
  });

  it('of two backends in one process do not know each other', async () => {
    await using other = await TestBackend.start({ features: [PluginA, PluginB] });
    const otherA = other.get(PluginA, { pluginId: 'a' });
    const request = { onBehalfOf: otherA.auth.getOwnServiceCredentials(), targetPluginId: 'b' };
    const { token } = await otherA.auth.getPluginRequestToken(request);

    expect(await codeOf(() => b.auth.authenticate(token))).to.equal('illegal_token');
    expect(await codeOf(() => a.auth.getPluginRequestToken(request))).to.equal('FOREIGN_CREDENTIALS');
  });
});

function textOf(value: unknown): string {
  return String(value);
}
