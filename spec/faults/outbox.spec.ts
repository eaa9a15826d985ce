import { TestDatabases, type TestDatabaseId } from '../../lib/testing/test-databases.js';
import { outboxOn } from '../services/events/outbox-suite.js';
import { NatsPlace } from './harness/nats.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

const clients = {
  pglite: 'PGlite',
  'postgres-schemas': 'PostgreSQL, a schema for each plugin',
  'postgres-databases': 'PostgreSQL, a database for each plugin',
  mysql: 'MySQL',
} as const satisfies Partial<Record<TestDatabaseId, string>>;

const databases = await TestDatabases.create({ ids: Object.keys(clients) as TestDatabaseId[] });

describe('publishing in transactions', () => {
  after(() => databases[Symbol.asyncDispose]());

  for (const [id, name] of Object.entries(clients) as [TestDatabaseId, string][]) {
    describe(id, () => {
      before(function () {
        if (!databases.supports(id)) this.skip();
      });
      outboxOn(name, () => databases.init(id));
    });
  }

  describe('by NATS', () => {
    uses('nats');
    const transport = { name: 'NATS', open: async () => new NatsPlace() };

    outboxOn('SQLite in memory', async () => ({ config: {}, [Symbol.asyncDispose]: async () => {} }), { transport });
    describe('postgres-schemas', () => {
      before(function () {
        if (!databases.supports('postgres-schemas')) this.skip();
      });
      outboxOn(clients['postgres-schemas'], () => databases.init('postgres-schemas'), { transport });
    });
  });

  describe('by PostgreSQL', () => {
    uses('postgres');
    const open = async () => {
      const place = await PostgresPlace.create();
      return {
        config: { transport: 'postgres', connection: place.url, postgres: { pollInterval: '100ms' } },
        [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
      };
    };

    outboxOn('SQLite in memory', async () => ({ config: {}, [Symbol.asyncDispose]: async () => {} }), {
      transport: { name: 'PostgreSQL', open },
    });
  });
});
