import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { MetricsService } from '../../lib/api/metrics-service.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { override } from '../../lib/testing/override.js';
import { startEvents, StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { nightly } from './harness/nightly.js';
import { until } from './harness/until.js';

const seconds = nightly(4, 30);
const room = 2_000;

describe('L10: 1,000 events a second, of which one subscriber is slow and another one throws', function () {
  this.timeout(120_000);

  it('reach the healthy one without a loss, keep the slow one’s queue bounded, and hold up no publisher', async () => {
    const metrics = mockServices.metrics();
    let healthy = 0;
    let slow = 0;
    await using backend = await startEvents(
      [
        StorePlugin,
        subscriber('healthy', { count: { options: { concurrency: 50 }, handler: () => (healthy += 1) } }),
        subscriber('slow', {
          crawl: {
            handler: async (_event, signal) => {
              await sleep(200, undefined, { signal });
              slow += 1;
            },
          },
        }),
        subscriber('throwing', { fail: { handler: () => Promise.reject(new Error('no')) } }),
      ],
      { events: { memory: { maxQueueLength: room } }, overrides: [override(MetricsService).withValue(metrics)] },
    );
    const durations: number[] = [];
    const total = seconds * 1_000;

    const begin = performance.now();
    while (durations.length < total) {
      // As many as have become due: a machine that is late does not publish fewer.
      const due = Math.min(total, Math.ceil(performance.now() - begin), durations.length + 100);
      while (durations.length < due) {
        const before = performance.now();
        await backend.publish(`${durations.length}`);
        durations.push(performance.now() - before);
      }
      await sleep(5);
    }
    await until('all of the healthy', () => healthy >= total);

    const dropped = metrics.measurements
      .filter(({ name, attributes }) => name === 'events.dropped' && attributes!['subscription'] === 'crawl')
      .reduce((sum, { value }) => sum + value, 0);
    const lines = backend.logger.entries.filter(({ meta }) => meta['subscription'] === 'crawl');
    expect(healthy).to.equal(total);
    // Each is handled, waits, is being handled, or was counted.
    expect(dropped + slow).to.be.within(total - room - 1, total - room + 1);
    expect(lines.length).to.be.within(1, seconds);
    expect(durations.toSorted((a, b) => a - b)[Math.floor(total * 0.99)]).to.be.below(5);
  });
});
