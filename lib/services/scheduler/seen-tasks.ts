import type { SchedulerClock } from '../../api/scheduler-clock.js';
import type { Look, TaskRow } from './task-store.js';

/** What was seen of the tasks last, and how the time of the store goes by our own clock. */
export class SeenTasks {
  /** The time of the store at that moment. */
  readonly at: number;
  readonly rows: readonly TaskRow[];
  readonly #byId: ReadonlyMap<string, TaskRow>;
  readonly #clock: SchedulerClock;
  readonly #before: number;
  readonly #after: number;

  /** `before` is when the store was asked, by `clock.elapsed()`. */
  constructor({ now, rows }: Look, clock: SchedulerClock, before: number) {
    this.at = now;
    this.rows = rows;
    this.#byId = new Map(rows.map(row => [row.id, row]));
    this.#clock = clock;
    this.#before = before;
    this.#after = clock.elapsed();
  }

  /** The time of the store, rather a little too early: what is due by it is due. */
  get now(): number {
    return this.at + this.#clock.elapsed() - this.#after;
  }

  row(id: string): TaskRow | undefined {
    return this.#byId.get(id);
  }

  /** When the lease of a row ends, by `clock.elapsed()`, rather a little too early. */
  deadlineOf({ leaseUntil = 0 }: TaskRow): number {
    return this.#before + leaseUntil - this.at;
  }
}
