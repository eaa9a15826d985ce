import { expect } from 'chai';
import { z } from 'zod';
import { Inject, Plugin, Subscribe } from '../../decorators/index.js';
import { type Event, EventsService } from '../../lib/api/events-service.js';
import { defineTopic } from '../../lib/contract/define-topic.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { override } from '../../lib/testing/override.js';
import { TestBackend } from '../../lib/testing/test-backend.js';

const counted = defineTopic({ pluginId: 'counter', id: 'counted', payload: z.object({ n: z.number().default(1) }) });

@Plugin({ pluginId: 'counter' })
class CounterPlugin {
  readonly got: unknown[] = [];

  constructor(@Inject(EventsService) readonly events: EventsService) {}

  async init(): Promise<void> {
    await this.events.publish(counted, {}, { key: 'k' });
  }

  @Subscribe(counted, { id: 'add' })
  add({ payload, source, attempt }: Event<typeof counted>): void {
    if (payload.n < 0) throw new Error('too little');
    this.got.push([payload.n, source, attempt]);
  }
}

describe('mockServices.events()', () => {
  const start = async () => {
    const events = mockServices.events();
    const backend = await TestBackend.start({
      features: [CounterPlugin],
      overrides: [override(EventsService).withValue(events)],
    });
    return { events, backend, plugin: backend.get(CounterPlugin, { pluginId: 'counter' }) };
  };

  it('keeps what is published, as its schema makes it, and delivers nothing', async () => {
    const { events, backend, plugin } = await start();
    await backend.stop();

    expect(events.published).to.deep.equal([{ topic: counted, payload: { n: 1 }, options: { key: 'k' } }]);
    expect(plugin.got).to.deep.equal([]);
  });

  it('delivers when the test says so, and throws what the handler does', async () => {
    const { events, backend, plugin } = await start();

    await events.deliver(counted, { n: 5 }, { attempt: 2 });
    const failure: unknown = await events.deliver(counted, { n: -1 }).catch((error: unknown) => error);
    await backend.stop();

    expect(plugin.got).to.deep.equal([[5, 'counter', 2]]);
    expect(String(failure)).to.contain('too little');
  });

  it('refuses a payload that does not fit', async () => {
    const events = mockServices.events();

    const failure: unknown = await events.publish(counted, { n: 'x' } as never).catch((error: unknown) => error);

    expect(String(failure)).to.contain(`does not fit topic 'counter.counted'`);
    expect(events.published).to.deep.equal([]);
  });
});
