import { TestDatabases, type TestDatabaseId } from '../../lib/testing/test-databases.js';
import { openItemsIn } from '../services/database/database-fixture.js';
import { databasesOn } from '../services/database/database-suite.js';
import { transactionsOn } from '../services/database/transaction-suite.js';

const clients = {
  pglite: { name: 'PGlite', instances: 1 },
  'postgres-databases': { name: 'PostgreSQL, a database for each plugin' },
  'postgres-schemas': { name: 'PostgreSQL, a schema for each plugin' },
  mysql: { name: 'MySQL' },
} as const satisfies Partial<Record<TestDatabaseId, { name: string; instances?: number }>>;

const databases = await TestDatabases.create({ ids: Object.keys(clients) as TestDatabaseId[] });

describe('every database', () => {
  after(() => databases[Symbol.asyncDispose]());

  for (const [id, { name, ...options }] of Object.entries(clients) as [TestDatabaseId, { name: string }][]) {
    describe(id, () => {
      before(function () {
        if (!databases.supports(id)) this.skip();
      });
      databasesOn(name, () => databases.init(id), options);
      transactionsOn(name, async () => openItemsIn(await databases.init(id)));
    });
  }
});
