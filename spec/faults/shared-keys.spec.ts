import type { Place } from '../services/database/database-suite.js';
import { TestDatabases } from '../../lib/testing/index.js';
import { sharedKeysOn } from '../services/auth/shared-keys-suite.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

describe('PostgreSQL:', () => {
  uses('postgres');
  for (const division of ['schemas', 'databases'] as const) {
    sharedKeysOn(`PostgreSQL with ${division}`, async () => {
      const place = await PostgresPlace.create();
      return { config: place[division], [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
    });
  }
});

describe('MariaDB:', () => {
  uses('mysql');
  let databases: TestDatabases;
  before(async () => (databases = await TestDatabases.create({ ids: ['mysql'] })));
  after(() => databases[Symbol.asyncDispose]());

  sharedKeysOn('MariaDB', (): Promise<Place> => databases.init('mysql'));
});
