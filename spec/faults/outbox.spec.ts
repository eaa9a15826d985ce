import { TestDatabases, type TestDatabaseId } from '../../lib/testing/test-databases.js';
import { outboxOn } from '../services/events/outbox-suite.js';

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
});
