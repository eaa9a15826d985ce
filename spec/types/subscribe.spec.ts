import { expect } from 'chai';
import { z } from 'zod';
import { annotationsOf } from '../../decorators/annotations.js';
import { Subscribe } from '../../decorators/index.js';
import type { Event, EventsService } from '../../lib/api/events-service.js';
import { defineTopic } from '../../lib/contract/define-topic.js';

const lent = defineTopic({
  pluginId: 'books',
  id: 'lent',
  payload: z.object({ isbn: z.string(), days: z.number().default(14) }),
});
const counted = defineTopic({ pluginId: 'books', id: 'counted', payload: z.number() });

describe('the types of @Subscribe and of EventsService', () => {
  it('tell a handler what it gets, and what compiles is recorded', () => {
    class Handlers {
      @Subscribe(lent, { id: 'remind', concurrency: 2, timeout: '5s', maxAttempts: 3 })
      async remind({ payload, key }: Event<typeof lent>, signal: AbortSignal): Promise<string> {
        return `${payload.isbn.trim()} ${payload.days.toFixed()} ${key ?? ''} ${signal.aborted}`;
      }
      @Subscribe(counted, { id: 'count' })
      count(): void {}
    }

    expect(annotationsOf(Handlers)?.methods.map(({ method }) => method)).to.deep.equal(['remind', 'count']);
  });

  it('refuse the event of another topic, and what is missing', () => {
    class Handlers {
      // @ts-expect-error -- the payload is an object
      @Subscribe(lent, { id: 'a' })
      a(_event: Event<typeof counted>): void {}
      // @ts-expect-error -- an id is needed
      @Subscribe(lent, {})
      b(): void {}
      // @ts-expect-error -- this is no topic
      @Subscribe({ pluginId: 'books', id: 'lent' }, { id: 'c' })
      c(): void {}
      // @ts-expect-error -- it is called maxAttempts
      @Subscribe(lent, { id: 'd', retries: 3 })
      d(): void {}
    }

    expect(annotationsOf(Handlers)?.methods).to.have.length(4);
  });

  it('let publish what the schema takes, and nothing else', () => {
    const typesOf = async (events: EventsService): Promise<void> => {
      await events.publish(lent, { isbn: '1' });
      await events.publish(counted, 3, { key: 'k', metadata: { by: 'me' } });
      // @ts-expect-error -- the isbn is a text
      await events.publish(lent, { isbn: 1 });
      // @ts-expect-error -- metadata are texts
      await events.publish(counted, 3, { metadata: { by: 1 } });
      events.subscribe(lent, { id: 'e' }, ({ payload }) => payload.isbn.trim());
      // @ts-expect-error -- there is no such property
      events.subscribe(lent, { id: 'f' }, ({ payload }) => payload.title);
    };

    expect(typesOf).to.be.a('function');
  });
});
