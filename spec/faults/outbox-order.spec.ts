import { expect } from 'chai';
import { DatabaseService } from '../../lib/api/database-service.js';
import type { Event } from '../../lib/api/events-service.js';
import { unreachable } from '../../lib/services/events/events-errors.js';
import { NatsStreams } from '../../lib/services/events/nats/nats-streams.js';
import { startEvents, subscriber } from '../services/events/events-fixture.js';
import { StoringPlugin } from '../services/events/storing-plugin.js';
import { changed } from '../services/events/topics.js';
import { NatsPlace } from './harness/nats.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('events of a transaction of which NATS has not taken one', function () {
  this.timeout(60_000);
  uses('nats');

  const streams = NatsStreams.prototype;
  const publish = Reflect.get(streams, 'publish');
  afterEach(() => {
    streams.publish = publish;
  });

  it('wait behind it where they have its key, and else do not', async () => {
    const got: string[] = [];
    const sent: string[] = [];
    let isAway = true;
    streams.publish = async function (this: NatsStreams, ...args) {
      const name = /"name":"(\w+)"/.exec(args[2])?.[1];
      if (name !== undefined && args[0].includes('_topic_')) {
        sent.push(name);
        if (name === 'a1' && isAway) {
          isAway = false;
          throw unreachable('nats', new Error('away for a moment'));
        }
      }
      return publish.apply(this, args);
    };
    await using place = new NatsPlace();
    const index = { handler: ({ payload }: Event) => got.push((payload as { name: string }).name) };
    await using backend = await startEvents([StoringPlugin, subscriber('search', { index })], {
      events: place.config,
      database: { synchronize: true },
    });
    const dataSource = await backend.backend.get(DatabaseService, { pluginId: 'store' }).getDataSource();

    await dataSource.transaction(async manager => {
      for (const name of ['a1', 'a2', 'b1', 'a3', 'b2']) {
        await backend.eventsOf('store').publish(changed, { name }, { manager, key: name[0]! });
      }
    });
    await until('all', () => new Set(got).size === 5);

    expect(got.filter(name => name.startsWith('a'))).to.deep.equal(['a1', 'a2', 'a3']);
    expect(sent.slice(0, 3)).to.have.members(['a1', 'b1', 'b2']);
  });
});
