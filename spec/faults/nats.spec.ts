import { eventsOn } from '../services/events/events-suite.js';
import { NatsPlace } from './harness/nats.js';
import { uses } from './harness/servers.js';

describe('NATS', function () {
  this.timeout(60_000);
  uses('nats');

  eventsOn('NATS', async () => new NatsPlace(), { isShared: true });
});
