import { expect } from 'chai';
import type { EventHandler } from '../../../lib/api/events-service.js';
import type { Topic } from '../../../lib/contract/define-topic.js';
import type { Deliver, EventRecord, EventTransport, Outcome } from '../../../lib/services/events/event-transport.js';
import { retryDelay } from '../../../lib/services/events/retry-delay.js';
import { Subscription } from '../../../lib/services/events/subscription.js';
import { changed } from './topics.js';

const event: EventRecord = {
  id: 'e1',
  topic: 'store.changed',
  source: 'store',
  isPrivate: false,
  payload: '{"name":"a","count":1}',
  metadata: {},
  publishedAt: 0,
};

interface Given extends Partial<EventRecord> {
  readonly lost?: AbortSignal;
}

/** What a transport is told of one delivery. */
async function outcomeOf(
  handler: EventHandler<Topic>,
  attempt: number,
  { lost, ...given }: Given = {},
): Promise<Outcome> {
  const subscription = new Subscription({
    group: { name: 'search.index', pluginId: 'search', topic: 'store.changed', concurrency: 1, lost: () => {} },
    topic: changed,
    timeout: 1_000,
    maxAttempts: 3,
    retry: { initialDelay: 100, maxDelay: 1_000 },
    account: { backend: {}, pluginId: 'search' },
    handler,
    observe: () => {},
  });
  let deliver!: Deliver;
  subscription.open({
    consume: (_group: unknown, taken: Deliver) => {
      deliver = taken;
      return { close: async () => {} };
    },
  } as unknown as EventTransport);
  return deliver({ event: { ...event, ...given }, attempt, ...(lost && { lost }) });
}

const fail = (): never => {
  throw new Error('no');
};

describe('A delivery', () => {
  it('is handled when the handler is done', async () => {
    expect(await outcomeOf(() => {}, 1)).to.deep.equal({ type: 'handled' });
  });

  it('comes again where it fails, and is dead the last time', async () => {
    expect(await outcomeOf(fail, 2)).to.include({ type: 'retry', error: 'Error: no' });
    expect(await outcomeOf(fail, 3)).to.deep.equal({ type: 'dead', error: 'Error: no' });
  });

  it('comes again, and is dead the last time, whatever the handler throws', async () => {
    const unreadable = Object.defineProperty(new Error('no'), 'message', { get: fail });
    for (const thrown of [Object.create(null), unreadable, Object.assign(new Error('no'), { name: Symbol('no') })]) {
      const handler = (): never => {
        throw thrown;
      };
      expect(await outcomeOf(handler, 1)).to.include({ type: 'retry', error: 'object' });
      expect(await outcomeOf(handler, 3)).to.deep.equal({ type: 'dead', error: 'object' });
    }
  });

  it('is dead, without another attempt, where its process ended in each of those that it has', async () => {
    let called = false;

    const outcome = await outcomeOf(() => (called = true), 4);

    expect(outcome).to.have.property('type', 'dead');
    expect(called).to.equal(false);
  });

  it('is dead at once where it is no JSON', async () => {
    expect(await outcomeOf(() => {}, 1, { payload: '{' })).to.have.property('type', 'dead');
  });

  it('whose lease is lost ends at once, and is no dead letter: another member may have it', async () => {
    const lease = new AbortController();
    let reason: unknown;
    const handler: EventHandler<Topic> = (_event, signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => (reason = signal.reason));
        lease.abort();
      });

    expect(await outcomeOf(handler, 3, { lost: lease.signal })).to.have.property('type', 'retry');
    expect(String(reason)).to.contain('Its lease is lost');
  });

  it('whose lease was lost before it began reaches no handler', async () => {
    let called = false;

    const outcome = await outcomeOf(() => (called = true), 1, { lost: AbortSignal.abort() });

    expect(outcome).to.have.property('type', 'retry');
    expect(called).to.equal(false);
  });

  it('of a private topic of another plugin is never handled', async () => {
    let called = false;

    expect(await outcomeOf(() => (called = true), 1, { isPrivate: true })).to.deep.equal({ type: 'handled' });
    expect(called).to.equal(false);
  });
});

describe('The time until the next attempt', () => {
  it('is twice as long each time, up to a limit, less up to a half', () => {
    const retry = { initialDelay: 100, maxDelay: 1_000 };
    const delays = (attempt: number) => Array.from({ length: 200 }, () => retryDelay(attempt, retry));

    for (const [attempt, most] of [
      [1, 100],
      [2, 200],
      [4, 800],
      [5, 1_000],
      [2_000, 1_000],
    ] as const) {
      expect(Math.max(...delays(attempt))).to.be.at.most(most);
      expect(Math.min(...delays(attempt))).to.be.at.least(most / 2);
      expect(new Set(delays(attempt)).size).to.be.above(10);
    }
  });
});
