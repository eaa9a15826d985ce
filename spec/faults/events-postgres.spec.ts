import { eventsOn } from '../services/events/events-suite.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

describe('events between backends', () => {
  uses('postgres');

  eventsOn(
    'PostgreSQL',
    async () => {
      const place = await PostgresPlace.create();
      const postgres = { pollInterval: '100ms' };
      return {
        config: { transport: 'postgres', connection: place.url, postgres },
        [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
      };
    },
    { isShared: true },
  );
});
