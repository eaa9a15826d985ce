import { expect } from 'chai';
import { decodeProtectedHeader } from 'jose';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseService, Plugin, PluginKeyStore, type StoredKey } from '../../../lib/index.js';
import { AuthService } from '../../../lib/api/auth-services.js';
import { DatabaseKeyStore } from '../../../lib/services/database/database-key-store.js';
import type { Credentials } from '../../../lib/api/credentials.js';
import { IssuedTokens } from '../../../lib/services/auth/issued-tokens.js';
import { RotatingKeys } from '../../../lib/services/auth/signing-keys.js';
import { mockServices, override, TestBackend } from '../../../lib/testing/index.js';
import { sharedKeysOn } from './shared-keys-suite.js';

sharedKeysOn('SQLite files', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keys-'));
  return {
    config: { connection: { directory } },
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
  };
});

@Plugin({ pluginId: 'plain' })
class PlainPlugin {
  constructor(readonly auth: AuthService) {}
}

/** How many databases are made for the plugin. */
async function databasesWith(type: string): Promise<number> {
  let made = 0;
  const database = override(DatabaseService).withFactory(() => {
    made += 1;
    return mockServices.database();
  }, []);
  const config = { backend: { auth: { pluginKeyStore: { type } } } };
  await using backend = await TestBackend.start({ features: [PlainPlugin], overrides: [database], config });
  const { auth } = backend.get(PlainPlugin, { pluginId: 'plain' });
  await auth.getPluginRequestToken({ onBehalfOf: auth.getOwnServiceCredentials(), targetPluginId: 'other' });
  return made;
}

describe('A plugin that signs', () => {
  it('has a database for its keys only where that is configured', async () => {
    expect(await databasesWith('memory')).to.equal(0);
    expect(await databasesWith('database')).to.equal(1);
  });
});

describe('DatabaseKeyStore', () => {
  it('keeps what it is given within a transaction that is undone', async () => {
    await using database = mockServices.database();
    const store = new DatabaseKeyStore(database);
    const dataSource = await database.getDataSource();
    await store.list();
    const key = { key: { kid: 'mine', kty: 'EC' }, expiresAt: new Date(Date.now() + 60_000) };
    let added = Promise.resolve();

    const undone = dataSource.transaction(async () => {
      added = store.add(key);
      await new Promise(resolve => setTimeout(resolve, 50));
      throw new Error('undo');
    });
    await undone.catch(() => {});
    await added;

    expect(await store.list()).to.deep.equal([key]);
  });

  it('removes keys that have expired with the next one', async () => {
    await using database = mockServices.database();
    const store = new DatabaseKeyStore(database);
    await store.add({ key: { kid: 'old' }, expiresAt: new Date(Date.now() - 1) });
    const list = await store.list();
    await store.add({ key: { kid: 'new' }, expiresAt: new Date(Date.now() + 60_000) });
    const rows: unknown = await (await database.getDataSource()).query('SELECT kid FROM backplane_public_keys');

    expect([list, rows]).to.deep.equal([[], [{ kid: 'new' }]]);
  });
});

/** A store that a test breaks, or has wait. */
class KeptKeys extends PluginKeyStore {
  readonly kept: StoredKey[] = [];
  failure: Error | undefined;
  wait: Promise<void> = Promise.resolve();
  lists = 0;

  override async add(key: StoredKey): Promise<void> {
    await this.wait;
    if (this.failure) throw this.failure;
    this.kept.push(key);
  }

  override async list(): Promise<readonly StoredKey[]> {
    this.lists += 1;
    const kept = [...this.kept];
    await this.wait;
    if (this.failure) throw this.failure;
    return kept;
  }
}

describe('Keys in a store', () => {
  const hour = 3_600_000;
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('are not used before the store has them: 503 until then', async () => {
    const store = new KeptKeys();
    store.failure = new Error('away');
    const keys = new RotatingKeys(store);
    const failures = [await failureOf(keys.signer()), await failureOf(keys.publicKeys())];
    store.failure = undefined;

    for (const failure of failures) expect(failure).to.include({ status: 503, code: 'keys_unavailable' });
    expect((await keys.publicKeys()).map(({ kid }) => kid)).to.deep.equal([(await keys.signer()).publicKey.kid]);
  });

  it('are used on, and shown as they were, while the store fails, as long as they are good', async () => {
    const store = new KeptKeys();
    const clock = { now: Date.now() };
    const keys = new RotatingKeys(store, () => clock.now);
    const first = (await keys.signer()).publicKey.kid;
    await keys.publicKeys();
    store.failure = new Error('away');
    clock.now += hour;
    const during = [(await keys.signer()).publicKey.kid, ...(await keys.publicKeys()).map(({ kid }) => kid)];
    clock.now += hour;
    const late = await failureOf(keys.signer());

    expect(during).to.deep.equal([first, first]);
    expect(late).to.include({ status: 503 });
  });

  it('are shown as they were where the store takes its time', async () => {
    const store = new KeptKeys();
    const keys = new RotatingKeys(store);
    const shown = await keys.publicKeys();
    store.wait = new Promise(() => {});

    expect(await keys.publicKeys()).to.deep.equal(shown);
  });

  it('are given up, with what they have signed, once the store has lost them, and only then', async () => {
    const store = new KeptKeys();
    const clock = { now: Date.now() };
    const keys = new RotatingKeys(store, () => clock.now);
    const issued = new IssuedTokens('a', keys);
    const nobody = {} as Credentials;
    const kid = async () => decodeProtectedHeader(await issued.tokenFor(nobody, 'b')).kid;
    const first = await kid();
    clock.now += 2 * 60_000;
    store.failure = new Error('away');
    await keys.publicKeys().catch(() => {});
    store.failure = undefined;
    await keys.publicKeys();
    const still = await kid();
    store.kept.length = 0;
    const shown = await keys.publicKeys();
    const second = await kid();

    expect(still).to.equal(first);
    expect(second).not.to.equal(first);
    expect(shown.map(key => key.kid)).to.deep.equal([second]);
  });

  it('are shown as far as there is room for them, the newest', async () => {
    const store = new KeptKeys();
    const keys = new RotatingKeys(store);
    const now = Date.now();
    for (let n = 1; n <= 1_000; n++) {
      store.kept.push({ key: { kid: `key ${n}`, x: 'x'.repeat(180) }, expiresAt: new Date(now + n) });
    }
    const shown = await keys.publicKeys();

    expect(JSON.stringify({ keys: shown }).length).to.be.within(55_000, 65_536);
    expect(shown.slice(-3).map(({ kid }) => kid)).to.deep.equal([
      'key 999',
      'key 1000',
      (await keys.signer()).publicKey.kid,
    ]);
  });

  it('are asked for once for all who ask meanwhile, and not with what was asked before they came', async () => {
    const store = new KeptKeys();
    const keys = new RotatingKeys(store);
    await keys.publicKeys();
    let go = () => {};
    store.wait = new Promise(resolve => (go = resolve));
    const before = store.lists;
    const early = keys.publicKeys();
    await new Promise(resolve => setImmediate(resolve));
    const key = { kid: 'of another instance' };
    store.kept.push({ key, expiresAt: new Date(Date.now() + hour) });
    const later = Array.from({ length: 20 }, () => keys.publicKeys());
    await new Promise(resolve => setImmediate(resolve));
    go();

    expect(await early).not.to.deep.include(key);
    for (const list of await Promise.all(later)) expect(list).to.deep.include(key);
    expect(store.lists - before).to.equal(2);
  });
});
