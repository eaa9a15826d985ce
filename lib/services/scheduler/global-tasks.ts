import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { withDeadline } from '../../util/deadline.js';
import { type GlobalTask, KnownTasks } from './known-tasks.js';
import { type LeaseOptions, LeasedRun } from './leased-run.js';
import { SeenTasks } from './seen-tasks.js';
import { type EndedRun, isFree, type TaskRow } from './task-store.js';
import { Turns } from './turns.js';

/** How long the end of a run waits for others that are written with it, in ms. */
const gathering = 20;

/**
 * The global tasks of a plugin, in this instance: begins those that are due and free, keeps their leases, and ends them.
 *
 * One loop does it for all of them, in turns: write what has ended, give leases their full time, take what is due, look.
 */
export class GlobalTasks {
  /** Who we are to other instances. */
  readonly #holder = randomUUID();
  readonly #options: LeaseOptions;
  readonly #known: KnownTasks;
  readonly #held = new Map<string, LeasedRun>();
  /** The number of the last run of each task that was begun here. */
  readonly #begun = new Map<string, number>();
  readonly #turns: Turns;
  /** Whoever wakes us up, perhaps within a transaction: what is done here is no part of that. */
  readonly #context = new AsyncResource('backplane.scheduler');
  #seen: SeenTasks | undefined;
  #renewAt = Infinity;
  #hasStarted = false;
  #isStopping = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#known = new KnownTasks(options.store, options.clock);
    this.#turns = new Turns(options.clock, () => this.#context.runInAsyncScope(() => this.#turn()));
  }

  get isEmpty(): boolean {
    return this.#known.isEmpty;
  }

  /** The tasks that are running here. */
  get running(): readonly string[] {
    return [...this.#held.values()].filter(({ execution }) => !execution.hasEnded).map(({ id }) => id);
  }

  add(task: GlobalTask): void {
    this.#known.add(task);
    if (!this.#hasStarted) return;
    this.#turns.open();
    this.#turns.wake();
  }

  remove(id: string): void {
    this.#known.remove(id);
  }

  /** Makes the tasks known to all instances. Rejects where the database cannot be asked. */
  async prepare(): Promise<void> {
    await this.#known.prepare();
  }

  /** From now on tasks run. */
  start(): void {
    this.#hasStarted = true;
    this.#known.start();
    if (!this.isEmpty) this.#turns.open();
  }

  /** Looks at once whether something is due. */
  wake(): void {
    this.#turns.wake();
  }

  /** Tells the runs to end; from now on none begins. */
  interrupt(): void {
    this.#isStopping = true;
    for (const { execution } of this.#held.values()) execution.interrupt('stopped');
  }

  /**
   * Waits for the runs to end, for so many ms, and gives back what has ended, so that others can go on with it at once.
   * The leases of what goes on all the same end by themselves.
   */
  async stop(limit: number): Promise<void> {
    this.interrupt();
    const all = Promise.all([...this.#held.values()].map(({ execution }) => execution.ended));
    await withDeadline(limit, () => all).catch(() => {});
    await this.#turns.close();
    if (this.#seen) await this.#context.runInAsyncScope(() => this.#giveBack());
  }

  async #turn(): Promise<number> {
    const { clock, settings, reports } = this.#options;
    try {
      await this.#known.prepare();
      await this.#writeEnded();
      await this.#renew();
      const hasTaken = await this.#take();
      await this.#look();
      // What nobody could foresee shows only now: it is taken at once.
      if (!hasTaken && (await this.#take())) await this.#look();
      reports.storeAnswers();
      return this.#nextTurn();
    } catch (error) {
      reports.storeFailed(error);
      return clock.elapsed() + Math.min(1_000, settings.poll);
    }
  }

  async #writeEnded(): Promise<void> {
    const over = [...this.#held.values()].filter(({ ended }) => ended !== undefined);
    // Of what was lost there is nothing to give back.
    const ended = over.flatMap(run => (run.ended!.outcome === 'lease-lost' ? [] : run.ended!));
    if (ended.length > 0) await this.#options.store.end(ended, this.#holder);
    for (const { id } of over) this.#held.delete(id);
  }

  async #renew(): Promise<void> {
    const { clock, store, settings } = this.#options;
    const live = [...this.#held.values()].filter(({ isLive }) => isLive);
    if (live.length === 0) this.#renewAt = Infinity;
    if (clock.elapsed() < this.#renewAt) return;
    // A row that is locked by a write of ours would hold up all others; the write has renewed it.
    const ids = live.filter(({ isWriting }) => !isWriting).map(({ id }) => id);
    if (ids.length > 0) await store.renew(ids, this.#holder);
    this.#renewAt = clock.elapsed() + settings.lease / 3;
  }

  /** Begins, as far as the store is concerned, what is due, or leaves it out; gives whether there was something. */
  async #take(): Promise<boolean> {
    if (this.#isStopping || !this.#seen) return false;
    const { store, reports, settings } = this.#options;
    const { rows, now } = this.#seen;
    const due = rows.filter(row => !this.#held.has(row.id) && this.#known.mayBegin(row, now));
    const late = due.filter(row => this.#known.isTooLate(row, now, 2 * settings.poll + 1_000));
    if (late.length > 0) {
      const nextOf = (id: string): number | undefined => this.#known.get(id)!.task.next(now, now);
      await store.skip(late.map(({ id, nextRun }) => ({ id, nextRun: nextRun!, instead: nextOf(id) })));
      for (const { id, nextRun } of late) reports.skipped(id, nextRun!);
    }
    const ids = due.filter(row => !late.includes(row)).map(({ id }) => id);
    if (ids.length > 0) await store.claim(ids, this.#holder);
    return due.length > 0;
  }

  async #look(): Promise<void> {
    const { clock, store, reports } = this.#options;
    const earlier = this.#seen;
    const before = clock.elapsed();
    const seen = (this.#seen = new SeenTasks(await store.look(), clock, before));
    this.#known.compare(seen);
    for (const run of this.#held.values()) run.compare(seen);
    const ours = seen.rows.filter(
      row => row.holder === this.#holder && !this.#held.has(row.id) && !isFree(row, seen.at),
    );
    const fresh = ours.filter(({ id, fence }) => fence > (this.#begun.get(id) ?? 0));
    if (!this.#isStopping) for (const row of fresh) this.#begin(row, seen);
    // A renewal that came too late has kept what was lost: no number is used twice.
    const kept = ours.filter(row => !fresh.includes(row));
    if (kept.length > 0) await store.end(kept.map(givenBack), this.#holder);
    const left = fresh.flatMap(row => leftBefore(row, earlier?.row(row.id)) ?? []);
    if (left.length > 0) await store.noteLost(left);
    for (const { id, fence } of left) reports.takenOver(id, fence);
  }

  #begin(row: TaskRow, seen: SeenTasks): void {
    const known = this.#known.get(row.id);
    if (!known) return;
    const { clock, settings } = this.#options;
    const run = new LeasedRun(known, row, seen, this.#holder, this.#options, {
      // Others that end at about the same time are written with it.
      ended: () => this.#turns.by(clock.elapsed() + (clock.isManual ? 0 : gathering)),
      wroteLong: () => {
        this.#renewAt = clock.elapsed();
        this.#turns.by(this.#renewAt);
      },
    });
    this.#held.set(row.id, run);
    this.#begun.set(row.id, row.fence);
    this.#renewAt = Math.min(this.#renewAt, clock.elapsed() + settings.lease / 3);
    run.begin();
  }

  /** The last turn: whatever is ours is free again. */
  async #giveBack(): Promise<void> {
    try {
      await this.#writeEnded();
      await this.#look();
      const { rows, at } = this.#seen!;
      const left = rows.filter(row => row.holder === this.#holder && !this.#held.has(row.id) && !isFree(row, at));
      if (left.length > 0) await this.#options.store.end(left.map(givenBack), this.#holder);
    } catch (error) {
      // Then the leases end by themselves.
      this.#options.reports.storeFailed(error);
    }
  }

  /** When something is known to be due, at the latest when others are to be looked at again. */
  #nextTurn(): number {
    const { clock, settings } = this.#options;
    if (this.#isStopping) return Infinity;
    const { rows, now } = this.#seen!;
    const waits = rows.filter(({ id }) => !this.#held.has(id)).map(row => this.#known.waitFor(row, now));
    // Of a clock that is moved by hand there is no other instance.
    const poll = clock.isManual ? Infinity : settings.poll;
    return Math.min(this.#renewAt, clock.elapsed() + Math.min(poll, ...waits));
  }
}

/** A run that is ours by name only: somebody begins it again. */
function givenBack({ id, fence, startedAt = 0, failures, nextRun }: TaskRow): EndedRun {
  const end = { outcome: 'lease-lost', error: undefined, isAgain: true } as const;
  return { ...end, id, fence, startedAt, failures, nextRun: [nextRun, nextRun] };
}

/** The run that was begun and not ended before this one; whoever stops has given its lease back, with 0. */
function leftBefore(row: TaskRow, last: TaskRow | undefined): TaskRow | undefined {
  const isLeft = last?.holder !== undefined && last.fence === row.fence - 1 && last.dueAt === row.dueAt;
  return isLeft && last.leaseUntil !== 0 ? last : undefined;
}
