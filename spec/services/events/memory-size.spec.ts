import { expect } from 'chai';
import type { ConsumerGroup, EventRecord, Outcome } from '../../../lib/services/events/event-transport.js';
import { MemoryTransport } from '../../../lib/services/events/memory-transport.js';
import { until } from '../../faults/harness/until.js';

const limits = { maxQueueLength: 1_000, maxQueueSize: 10_000, maxDeadLetters: 1_000 };
const large = 'x'.repeat(2_000);

/** A group of which nothing is handled until `outcome` says so, and what it has lost. */
async function startGroup(name = 'search.index') {
  let lost = 0;
  const group: ConsumerGroup = {
    name,
    pluginId: 'search',
    topic: 'store.changed',
    concurrency: 1,
    lost: count => (lost += count),
  };
  const transport = new MemoryTransport(limits, {
    background: work => work(),
    logger: { info: () => {}, warn: () => {} },
    isStarting: () => false,
  });
  await transport.declare(group);
  return {
    group,
    transport,
    lost: () => lost,
    publish: (n: number, more: Partial<EventRecord>) =>
      transport.publish([
        {
          id: `${n}`,
          topic: 'store.changed',
          source: 'store',
          isPrivate: false,
          payload: '{}',
          metadata: {},
          publishedAt: 0,
          ...more,
        },
      ]),
    end: (outcome: Outcome) => transport.consume(group, async () => outcome),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

describe('The room in memory for the events of a group', () => {
  for (const [what, more] of Object.entries<Partial<EventRecord>>({
    payload: { payload: JSON.stringify(large) },
    metadata: { metadata: { note: large } },
    key: { key: large },
  })) {
    it(`is taken by ${what}, of those that wait and once more of dead letters`, async () => {
      await using kept = await startGroup();
      for (let n = 0; n < 10; n += 1) await kept.publish(n, more);
      expect(kept.lost()).to.equal(6);

      kept.end({ type: 'dead', error: large });
      await until('the dead letters', () => kept.lost() > 6);
      await until('the end', async () => (await kept.transport.drain(AbortSignal.timeout(1_000))) === 0);

      const dead = await kept.transport.deadLetters(kept.group, 100);
      expect(dead.map(({ event }) => event.id)).to.deep.equal(['2', '3']);
      expect(kept.lost()).to.equal(8);
    });
  }

  it('is free again once they are handled, also those that were dead letters', async () => {
    await using kept = await startGroup();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 4; n += 1) await kept.publish(n, { metadata: { note: large } });
      const dying = kept.end({ type: 'dead', error: 'no' });
      await kept.transport.drain(AbortSignal.timeout(1_000));
      await dying.close();
      expect(await kept.transport.redeliver(kept.group, undefined)).to.equal(4);
      const handling = kept.end({ type: 'handled' });
      await kept.transport.drain(AbortSignal.timeout(1_000));
      await handling.close();
    }

    expect(kept.lost()).to.equal(0);
  });
});
