import { expect } from 'chai';
import { decodeProtectedHeader } from 'jose';
import { AuthService, DatabaseService, Plugin, RootHttpRouterService } from '../../../lib/index.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { TestBackend } from '../../../lib/testing/index.js';
import { DatabaseKeyStore } from '../../../lib/services/database/database-key-store.js';
import { RotatingKeys } from '../../../lib/services/auth/signing-keys.js';
import type { Place } from '../database/database-suite.js';

@Plugin({ pluginId: 'caller' })
class CallerPlugin {
  constructor(
    readonly auth: AuthService,
    readonly database: DatabaseService,
  ) {}

  async token(): Promise<string> {
    const onBehalfOf = this.auth.getOwnServiceCredentials();
    return (await this.auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'called' })).token;
  }

  async keyIds(): Promise<string[]> {
    return (await this.auth.listPublicServiceKeys()).keys.map(({ kid }) => kid as string);
  }
}

@Plugin({ pluginId: 'called' })
class CalledPlugin {
  constructor(readonly auth: AuthService) {}
}

const pluginKeyStore = { type: 'database' };

function start(features: (typeof CallerPlugin | typeof CalledPlugin)[], config: JsonObject): Promise<TestBackend> {
  const { backend, ...others } = config;
  const common = { listen: { host: '127.0.0.1', port: 0 }, logger: { level: 'silent' } };
  return TestBackend.start({ features, config: { ...others, backend: { ...common, ...(backend as JsonObject) } } });
}

const callerOf = (backend: TestBackend) => backend.get(CallerPlugin, { pluginId: 'caller' });
const portOf = (backend: TestBackend) => backend.get(RootHttpRouterService).address!.port;
const kidOf = (token: string) => decodeProtectedHeader(token).kid!;

/** A backend that knows the plugin `caller` as it is at the port of another one. */
function calledOne(port: number): Promise<TestBackend> {
  const endpoint = { target: `http://127.0.0.1:${port}/api/{{pluginId}}`, plugins: ['caller'] };
  return start([CalledPlugin], { discovery: { endpoints: [endpoint] } });
}

/** What keys in a database of this kind are good for. */
export function sharedKeysOn(title: string, open: () => Promise<Place>): void {
  describe(`keys of a plugin in ${title}`, () => {
    it('let each instance publish those of all, so that it does not matter which one is asked', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      await using one = await start([CallerPlugin], config);
      await using two = await start([CallerPlugin], config);
      await using called = await calledOne(portOf(two));
      const { auth } = called.get(CalledPlugin, { pluginId: 'called' });

      const tokens = [await callerOf(one).token(), await callerOf(two).token()];
      const verified = [];
      for (const token of tokens) verified.push((await auth.authenticate(token)).principal);

      expect(kidOf(tokens[0]!)).not.to.equal(kidOf(tokens[1]!));
      const caller = { type: 'service', subject: 'plugin:caller' };
      expect(verified).to.deep.equal([caller, caller]);
    });

    it('are not shared in memory: the control', async () => {
      await using place = await open();
      const config = { backend: { database: place.config } };
      await using one = await start([CallerPlugin], config);
      await using two = await start([CallerPlugin], config);
      await using called = await calledOne(portOf(two));
      const { auth } = called.get(CalledPlugin, { pluginId: 'called' });

      const failure = await auth.authenticate(await callerOf(one).token()).catch((error: unknown) => error);

      expect(failure).to.have.property('code', 'illegal_token');
    });

    it('are not those of other plugins, and have no private half', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      await using both = await start([CallerPlugin, CalledPlugin], config);
      const { keys } = await callerOf(both).auth.listPublicServiceKeys();
      const { keys: others } = await both.get(CalledPlugin, { pluginId: 'called' }).auth.listPublicServiceKeys();

      expect([keys.length, others.length]).to.deep.equal([1, 1]);
      expect(keys[0]!.kid).not.to.equal(others[0]!.kid);
      expect(keys[0]).to.have.keys('kty', 'crv', 'x', 'y', 'kid', 'alg', 'use');
    });

    it('outlive their instance, until what they have signed has ended', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      const one = await start([CallerPlugin], config);
      const [kid] = await callerOf(one).keyIds();
      await one.stop();
      await using two = await start([CallerPlugin], config);
      const before = await callerOf(two).keyIds();
      const dataSource = await callerOf(two).database.getDataSource();
      await dataSource.query(`UPDATE backplane_public_keys SET expires_at = 1 WHERE kid = '${kid!}'`);

      expect(before).to.include(kid).and.have.length(2);
      expect(await callerOf(two).keyIds()).to.deep.equal(before.filter(id => id !== kid));
    });

    it('stay in the database where the plugin undoes the transaction within which they were needed', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      await using one = await start([CallerPlugin], config);
      const dataSource = await callerOf(one).database.getDataSource();
      let token = '';
      let published: string[] = [];
      const undone = dataSource.transaction(async () => {
        token = await callerOf(one).token();
        published = await callerOf(one).keyIds();
        throw new Error('undo');
      });
      await undone.catch(() => {});
      await using two = await start([CallerPlugin], config);

      expect(published).to.include(kidOf(token));
      expect(await callerOf(two).keyIds()).to.include(kidOf(token));
    });

    it('are left out where somebody has garbled them, and the others are shown and good', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      await using one = await start([CallerPlugin], config);
      const own = await callerOf(one).keyIds();
      const dataSource = await callerOf(one).database.getDataSource();
      const garbled = [
        'no JSON',
        'null',
        '[]',
        '{"kty":"EC"}',
        '{"kid":1}',
        `{"kid":"private","kty":"EC","d":"secret"}`,
        `{"kid":"${own[0]!}","kty":"oct"}`,
        `{"kid":"long","n":"${'x'.repeat(60_000)}"}`,
      ];
      for (const [index, text] of garbled.entries()) {
        const row = `'row ${index}', '${text}', ${Date.now() + 60_000}`;
        await dataSource.query(`INSERT INTO backplane_public_keys (kid, public_key, expires_at) VALUES (${row})`);
      }
      await using two = await start([CallerPlugin], config);
      await using called = await calledOne(portOf(two));
      const { auth } = called.get(CalledPlugin, { pluginId: 'called' });
      const tokens = [await callerOf(one).token(), await callerOf(two).token()];

      for (const token of tokens)
        expect((await auth.authenticate(token)).principal).to.have.property('type', 'service');
      expect(await callerOf(two).keyIds()).to.have.members(tokens.map(kidOf));
      expect(await callerOf(one).keyIds()).to.have.members(tokens.map(kidOf));
    });

    it('are replaced where somebody has removed them, all of them and their table', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      await using one = await start([CallerPlugin], config);
      const { database } = callerOf(one);
      const dataSource = await database.getDataSource();
      const clock = { now: Date.now() };
      const keys = new RotatingKeys(new DatabaseKeyStore(database), () => clock.now);
      const kids = async () => (await keys.publicKeys()).map(({ kid }) => kid);
      const own = async () => (await keys.signer()).publicKey.kid;
      const first = await own();
      const before = await kids();
      clock.now += 61_000;
      await dataSource.query('DELETE FROM backplane_public_keys');
      const replaced = await kids();
      const second = await own();
      clock.now += 61_000;
      await dataSource.query('DROP TABLE backplane_public_keys');
      await kids();
      const again = await kids();

      expect(before).to.include(first);
      expect([replaced, second === first, keys.withdrawals]).to.deep.equal([[second], false, 2]);
      expect(again)
        .to.deep.equal([await own()])
        .and.not.include(second);
    });

    it('are changed by many instances at once, each of which shows all of them', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      await using one = await start([CallerPlugin], config);
      const clock = { now: Date.now() };
      const instances = Array.from({ length: 10 }, () => {
        return new RotatingKeys(new DatabaseKeyStore(callerOf(one).database), () => clock.now);
      });
      const keysOf = () => Promise.all(instances.map(keys => keys.signer()));
      const first = await keysOf();
      clock.now += 3_600_000;
      await Promise.all(instances.map(keys => keys.publicKeys()));
      clock.now += 61_000;
      const second = await keysOf();
      const lists = await Promise.all(instances.map(keys => keys.publicKeys()));

      const kids = [...first, ...second].map(({ publicKey }) => publicKey.kid);
      expect(new Set(kids).size).to.equal(20);
      for (const list of lists) expect(list.map(({ kid }) => kid)).to.include.members(kids);
    });

    it('are made by many instances that start at once', async () => {
      await using place = await open();
      const config = { backend: { auth: { pluginKeyStore }, database: place.config } };
      const instances = await Promise.all(Array.from({ length: 5 }, () => start([CallerPlugin], config)));
      const tokens = await Promise.all(instances.map(instance => callerOf(instance).token()));
      const lists = await Promise.all(instances.map(instance => callerOf(instance).keyIds()));
      await Promise.all(instances.map(instance => instance.stop()));

      for (const list of lists) expect(list).to.have.members(tokens.map(kidOf));
    });
  });
}
