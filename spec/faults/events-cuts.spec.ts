import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../lib/api/events-service.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { changed } from '../services/events/topics.js';
import { FaultProxy, type Fault } from './harness/fault-proxy.js';
import { nightly } from './harness/nightly.js';
import { uses } from './harness/servers.js';
import { transportPlaces } from './harness/transport-places.js';

const count = nightly(1_000, 10_000);
const keys = 20;

for (const [id, open] of transportPlaces) {
  describe(`events by ${id} while the connections of one of two members are cut again and again`, function () {
    this.timeout(240_000);
    uses(id);

    it('are each handled, one at a time and in the order of their key', async () => {
      await using place = await open();
      await using proxy = await FaultProxy.before(new URL(place.url));
      const handled: { readonly key: string; readonly count: number }[] = [];
      const running = new Map<string, number>();
      const overlaps: string[] = [];
      const member = subscriber('search', {
        index: {
          options: { concurrency: 8, maxAttempts: 1_000 },
          handler: async ({ key, payload }: Event, signal: AbortSignal) => {
            if ((running.get(key!) ?? 0) > 0) overlaps.push(key!);
            running.set(key!, (running.get(key!) ?? 0) + 1);
            // A handler that heeds its signal does nothing after that.
            signal.addEventListener('abort', () => running.set(key!, running.get(key!)! - 1), { once: true });
            await sleep(3);
            if (signal.aborted) return;
            running.set(key!, running.get(key!)! - 1);
            handled.push({ key: key!, count: (payload as { count: number }).count });
          },
        },
      });
      await using publisher = await startEvents([StorePlugin], { events: place.configBy(place.url) });
      await using _sound = await startEvents([member], { events: place.configBy(place.url) });
      const cut = await startEvents([member], { events: place.configBy(proxy.url) });
      const isDone = (): boolean => new Set(handled.map(one => one.count)).size === count;

      const published = (async () => {
        for (let n = 0; n < count; n += keys) {
          const some = Array.from({ length: keys }, (_, key) =>
            publisher.eventsOf('store').publish(changed, { name: 'n', count: n + key }, { key: `k${key}` }),
          );
          await Promise.all(some);
          await sleep(20);
        }
      })();
      const faults: readonly Fault[] = ['reset', 'blackhole', 'refuse'];
      const end = performance.now() + 120_000;
      for (let n = 0; !isDone(); n += 1) {
        if (performance.now() > end) throw new Error(`${handled.length} of ${count} were handled`);
        await proxy.set(faults[n % faults.length]!);
        await sleep(n % 4 === 3 ? 1_500 : 50);
        await proxy.set('pass');
        await sleep(300);
      }
      await published;
      await proxy.set('pass');
      await cut[Symbol.asyncDispose]();

      const last = new Map<string, number>();
      for (const one of handled) {
        const before = last.get(one.key) ?? Number(one.key.slice(1)) - keys;
        expect(one.count, `after ${before} of ${one.key}`).to.be.oneOf([before, before + keys]);
        last.set(one.key, one.count);
      }
      expect(overlaps).to.deep.equal([]);
    });
  });
}
