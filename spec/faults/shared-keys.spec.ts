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
