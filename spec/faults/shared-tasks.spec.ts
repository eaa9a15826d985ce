import { itKeepsTasks } from '../services/scheduler/scheduler-suite.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

describe('tasks that instances share on PostgreSQL', () => {
  uses('postgres');

  itKeepsTasks(async () => {
    const place = await PostgresPlace.create();
    return { config: place.schemas, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  });
});
