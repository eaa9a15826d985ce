import type { EntityManager } from 'typeorm';
import type { TaskRunRecord } from '../../api/scheduler-service.js';
import type { SoundTask } from './sound-task.js';

/** One global task, as all instances see it. Times are in ms since 1970, by the clock of the store. */
export interface TaskRow {
  readonly id: string;
  /** When it is due by its schedule; `undefined`: when it is triggered. */
  readonly nextRun: number | undefined;
  readonly triggeredAt: number | undefined;
  /** Who has begun the last run, if that has not ended. */
  readonly holder: string | undefined;
  /** The number of the last run; 0 before the first. */
  readonly fence: number;
  /** Of the run that has not ended. */
  readonly dueAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly leaseUntil: number | undefined;
  /** Whether somebody wants that run to be aborted. */
  readonly isCancelled: boolean;
  /** How many runs in a row have failed. */
  readonly failures: number;
}

export interface Look {
  readonly now: number;
  readonly rows: readonly TaskRow[];
}

/** A run that has ended, and what becomes of its task. */
export interface EndedRun {
  readonly id: string;
  readonly fence: number;
  readonly startedAt: number;
  readonly outcome: NonNullable<TaskRunRecord['outcome']>;
  readonly error: string | undefined;
  readonly failures: number;
  /** Whether it is to be begun again at once, by whom it may be. */
  readonly isAgain: boolean;
  /** What `nextRun` was when it began, and what that is from now on unless somebody has changed it meanwhile. */
  readonly nextRun: readonly [before: number | undefined, after: number | undefined];
}

/** A record as it is kept. */
export type KeptRun = TaskRunRecord & { readonly id: string };

/**
 * Where the instances of a backend keep the global tasks of one plugin. Every method is atomic, and goes by one clock for
 * all of them.
 */
export interface TaskStore {
  /** Makes what has to be there. Safe at any time, and when others do the same. */
  prepare(): Promise<void>;
  /** Makes known what is not known yet, and gives tasks whose schedule has changed their new times. */
  register(tasks: readonly SoundTask[]): Promise<void>;
  look(): Promise<Look>;
  /** Begins those of the tasks that are due and free, as `holder`: who looks then sees which. */
  claim(ids: readonly string[], holder: string): Promise<void>;
  /** Leaves out the runs of tasks that are due and free, if they still were to come at `nextRun`. */
  skip(
    tasks: readonly { readonly id: string; readonly nextRun: number; readonly instead: number | undefined }[],
  ): Promise<void>;
  /** Gives the leases that `holder` has of these tasks their full time again. */
  renew(ids: readonly string[], holder: string): Promise<void>;
  /** Ends runs of `holder`, as far as it still has their leases. */
  end(runs: readonly EndedRun[], holder: string): Promise<void>;
  /** Writes that others have not ended their runs. */
  noteLost(rows: readonly TaskRow[]): Promise<void>;
  /** Gives whether the task is free, and thus due now. */
  trigger(id: string): Promise<boolean>;
  /** Gives whether it runs, and thus is to be aborted. */
  cancel(id: string): Promise<boolean>;
  /** The last ended runs of one task, the newest first. */
  history(id: string): Promise<readonly KeptRun[]>;
  /** The last ended run of each task. */
  lastRuns(): Promise<readonly KeptRun[]>;
  /**
   * Does `work` in a transaction of the plugin's database, while `holder` has the lease of that run: `onHeld` is called as
   * soon as that is sure. `undefined` where it has not.
   */
  write<T>(run: HeldRun, work: (manager: EntityManager) => Promise<T>): Promise<{ readonly result: T } | undefined>;
}

export interface HeldRun {
  readonly id: string;
  readonly fence: number;
  readonly holder: string;
  readonly onHeld: () => void;
}

/** Whether somebody may begin the task at `now`. */
export function isFree({ holder, leaseUntil }: TaskRow, now: number): boolean {
  return holder === undefined || (leaseUntil ?? 0) <= now;
}

/** Whether somebody should: it is due, or whoever began it has not ended it. */
export function isDue({ holder, triggeredAt, nextRun }: TaskRow, now: number): boolean {
  return holder !== undefined || triggeredAt !== undefined || (nextRun !== undefined && nextRun <= now);
}
