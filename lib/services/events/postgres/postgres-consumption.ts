import { pause } from '../../../util/pause.js';
import type { Consumption, Deliver, Outcome } from '../event-transport.js';
import { Lease } from '../lease.js';
import type { PostgresConnection } from './postgres-connection.js';
import type { PostgresGroup, TakenDelivery } from './postgres-group.js';

/** How long what became of events may take to be kept once the member closes, in ms. */
const lastPatience = 1_500;

/** One member of a group: takes events as long as it has room, and says what became of them. */
export class PostgresConsumption implements Consumption {
  readonly group: PostgresGroup;
  readonly #deliver: Deliver;
  readonly #connection: PostgresConnection;
  /** What is being handled, or has an outcome that is yet to be kept. */
  readonly #held = new Map<TakenDelivery, Lease>();
  readonly #handling = new Set<Promise<void>>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #outcomes: [taken: TakenDelivery, outcome: Outcome][] = [];
  /** Whether there may be something to take. */
  #mayHaveMore = true;
  /** Whether it was said that PostgreSQL does not let events be taken. */
  #isRefused = false;
  #isClosing = false;
  #wake: () => void = () => {};
  readonly #ended: Promise<void>;

  constructor(group: PostgresGroup, deliver: Deliver, connection: PostgresConnection) {
    this.group = group;
    this.#deliver = deliver;
    this.#connection = connection;
    this.#ended = this.#run();
  }

  /** There may be something new. */
  poke(): void {
    this.#mayHaveMore = true;
    this.#wake();
  }

  /** Says that what is being handled still is, and finds out what somebody else has got meanwhile. */
  async hold(): Promise<void> {
    if (this.#held.size === 0) return;
    const since = performance.now();
    const asked = [...this.#held];
    const kept = await this.group.hold(asked.map(([taken]) => taken));
    for (const [taken, lease] of asked) {
      if (kept.has(taken)) lease.renew(since);
      else lease.lose();
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const timer of this.#retries) clearTimeout(timer);
    this.#wake();
    await Promise.all(this.#handling);
    // A server that does not answer is not waited for: what is not kept comes again.
    const late = new AbortController();
    await Promise.race([this.#ended.finally(() => late.abort()), pause(lastPatience, late.signal)]);
  }

  async #run(): Promise<void> {
    for (;;) {
      const woken = new Promise<void>(resolve => (this.#wake = resolve));
      if (this.#outcomes.length > 0) await this.#settle();
      const free = this.group.group.concurrency - this.#held.size;
      if (this.#isClosing) {
        if (this.#held.size === 0 && this.#outcomes.length === 0) return;
      } else if (this.#mayHaveMore && free > 0) {
        await this.#take(free);
        continue;
      }
      if (this.#outcomes.length === 0) await woken;
    }
  }

  async #take(count: number): Promise<void> {
    this.#mayHaveMore = false;
    const since = performance.now();
    try {
      const taken = await this.group.take(count);
      this.#isRefused = false;
      if (taken.length === count) this.#mayHaveMore = true;
      for (const delivery of taken) {
        const lease = new Lease(this.#connection.settings.lease, since);
        this.#held.set(delivery, lease);
        const handling: Promise<void> = this.#handle(delivery, lease).finally(() => this.#handling.delete(handling));
        this.#handling.add(handling);
      }
    } catch (error) {
      // Those that were taken all the same come again when the lease is over.
      this.#tell(error);
      await pause(200, this.#connection.closing);
      this.#mayHaveMore = true;
      if (this.#connection.closing.aborted) this.#isClosing = true;
    }
  }

  /** That PostgreSQL is away, whoever looks at the connection says; that it does not want to, nobody else hears. */
  #tell(error: unknown): void {
    if (this.#isRefused || !isRefusal(error)) return;
    this.#isRefused = true;
    const { name, topic } = this.group.group;
    this.#connection.logger.warn('Events wait, since PostgreSQL does not let them be taken', {
      group: name,
      topic,
      error,
    });
  }

  async #handle(delivery: TakenDelivery, lease: Lease): Promise<void> {
    const outcome: Outcome = this.#isClosing
      ? { type: 'released' }
      : await this.#deliver({ ...delivery, lost: lease.lost });
    lease.release();
    this.#outcomes.push([delivery, outcome]);
    this.#wake();
  }

  /** What cannot be kept comes again; one goes on trying, since then it is handled twice. */
  async #settle(): Promise<void> {
    const outcomes = this.#outcomes.splice(0);
    await this.#connection
      .again('What became of events cannot be kept', () => this.group.settle(outcomes))
      .catch(() => {});
    for (const [taken, outcome] of outcomes) {
      this.#held.delete(taken);
      if (outcome.type === 'retry') this.#comeBack(outcome.after);
    }
    this.#mayHaveMore = true;
  }

  #comeBack(after: number): void {
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.poke();
    }, after + 5);
    this.#retries.add(timer.unref());
  }
}

/** An answer of the server, as of a right or a table that is missing, and not that it stops or has no room. */
function isRefusal(error: unknown): boolean {
  const { severity, code } = error as { readonly severity?: unknown; readonly code?: unknown };
  return severity !== undefined && !/^(?:08|53|57)/.test(String(code));
}
