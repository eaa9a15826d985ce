import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Inject, Plugin } from '../../decorators/index.js';
import { type Event, EventsService } from '../../lib/api/events-service.js';
import { defineTopic } from '../../lib/contract/define-topic.js';
import { RootEvents } from '../../lib/services/events/root-events.js';
import { mockCredentials } from '../../lib/testing/mock-credentials.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { until } from '../faults/harness/until.js';

const Created = z.object({ tags: z.array(z.string()) });
const created = defineTopic({ pluginId: 'b', id: 'created', payload: Created });
const inner = defineTopic({ pluginId: 'b', id: 'inner', payload: Created, private: true });

@Plugin({ pluginId: 'a' })
class APlugin {
  constructor(
    @Inject(EventsService) readonly events: EventsService,
    @Inject(RootEvents) readonly shared: object,
  ) {}
}

@Plugin({ pluginId: 'b' })
class BPlugin {
  constructor(@Inject(EventsService) readonly events: EventsService) {}
}

describe('Events of two plugins', () => {
  let backend: TestBackend;
  const eventsOf = (pluginId: string): EventsService => backend.get(EventsService, { pluginId });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );

  beforeEach(async () => {
    backend = await TestBackend.start({
      features: [APlugin, BPlugin],
      config: { backend: { logger: { level: 'silent' } } },
    });
  });
  afterEach(() => backend.stop());

  it('I28 are published by the owner of the topic alone, whoever declares it', async () => {
    const own = defineTopic({ pluginId: 'b', id: 'created', payload: Created });

    expect(await codeOf(eventsOf('a').publish(created, { tags: [] }))).to.equal('FOREIGN_TOPIC');
    expect(await codeOf(eventsOf('a').publish(own, { tags: [] }))).to.equal('FOREIGN_TOPIC');
    expect(await codeOf(eventsOf('a').publish({ ...own, pluginId: 'a' }, { tags: [] }))).to.equal('INVALID_EVENT');
    expect(await codeOf(eventsOf('b').publish(created, { tags: [] }))).to.equal('done');
  });

  it('I28 are the owner’s own where the topic is private, however somebody else declares it', async () => {
    const got: string[] = [];
    const forged = defineTopic({ pluginId: 'b', id: 'inner', payload: Created });
    eventsOf('a').subscribe(forged, { id: 'spy' }, () => got.push('a'));
    eventsOf('b').subscribe(inner, { id: 'own' }, () => got.push('b'));

    expect(() => eventsOf('a').subscribe(inner, { id: 'open-spy' }, () => {})).to.throw('FOREIGN_TOPIC');
    await eventsOf('b').publish(inner, { tags: [] });
    await until('the owner', () => got.includes('b'));
    await sleep(50);

    expect(got).to.deep.equal(['b']);
  });

  it('I28 S110 say who has published them, and are a copy of each subscriber’s own that nobody can change', async () => {
    const got: Event<typeof created>[] = [];
    const tags = ['first'];
    eventsOf('a').subscribe(created, { id: 'index' }, event => {
      got.push(event);
      event.payload.tags.push('changed');
    });
    eventsOf('b').subscribe(created, { id: 'index', maxAttempts: 1 }, event => got.push(event));

    const published = eventsOf('b').publish(created, { tags }, { metadata: { source: 'a' } });
    tags.push('later');
    await published;
    await until('both', () => got.length >= 2);

    expect(got.map(event => [event.source, event.metadata['source'], event.payload.tags])).to.deep.equal([
      ['b', 'b', ['first']],
      ['b', 'b', ['first']],
    ]);
    expect(got[0]!.payload).not.to.equal(got[1]!.payload);
  });

  it('I28 have groups of their own, whatever these are called', async () => {
    const got: string[] = [];
    for (const pluginId of ['a', 'b']) eventsOf(pluginId).subscribe(created, { id: 'index' }, () => got.push(pluginId));

    await eventsOf('b').publish(created, { tags: [] });
    await until('both', () => got.length >= 2);
    const foreign = await codeOf(eventsOf('a').getDeadLetters('b.index'));

    expect(got.toSorted()).to.deep.equal(['a', 'b']);
    expect(foreign).to.equal('not_found');
  });

  it('I28 become dead letters that another plugin can neither read nor deliver again, whatever its token', async () => {
    for (const [id, topic] of Object.entries({ inner, created })) {
      eventsOf('b').subscribe(topic, { id, maxAttempts: 1 }, () => {
        throw new Error('hidden');
      });
      await eventsOf('b').publish(topic, { tags: ['hidden'] });
      await until('the dead letter', async () => (await eventsOf('b').getDeadLetters(id)).length > 0);
      const path = `/api/b/.backplane/events/v1/subscriptions/${id}/dead-letters`;
      const subject = { subject: 'plugin:a', targetPluginId: 'b' };
      const headers = { authorization: mockCredentials.service.header(subject) };

      expect((await backend.request.get(path, { headers })).text).not.to.contain('hidden');
      expect((await backend.request.post(`${path}/redeliver`, { headers })).status).to.equal(403);
      expect(await eventsOf('b').getDeadLetters(id)).to.have.length(1);
    }
  });

  it('I28 a plugin that injects what all plugins share is given nothing of it', () => {
    const { shared } = backend.get(APlugin, { pluginId: 'a' });

    expect(Reflect.ownKeys(shared)).to.deep.equal([]);
    expect(Object.getPrototypeOf(shared)).to.equal(Object.prototype);
  });
});
