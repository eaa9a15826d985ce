import { TestDatabases, type TestDatabaseId } from '../../lib/testing/test-databases.js';
import { itKeepsTasks } from '../services/scheduler/scheduler-suite.js';
import { type ServerId, uses } from './harness/servers.js';

const servers: readonly (readonly [TestDatabaseId, ServerId, string])[] = [
  ['postgres-schemas', 'postgres', 'PostgreSQL'],
  ['mysql', 'mysql', 'MariaDB'],
];

for (const [id, server, name] of servers) {
  describe(`tasks that instances share on ${name}`, () => {
    uses(server);

    itKeepsTasks(async () => {
      const databases = await TestDatabases.create({ ids: [id] });
      const { config } = await databases.init(id);
      return { config, [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose]() };
    });
  });
}
