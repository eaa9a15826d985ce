/** @ts-ignore: whoever has no database need not have TypeORM. */
import type { EntityManager } from 'typeorm';
import { Service } from '../../decorators/service.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from './annotated-method.js';
import type { Duration } from './duration.js';

/** When a task runs; exactly one of the three. */
export type TaskFrequency =
  /** So long after the run before was due; at once where that took longer. At least 100 ms. */
  | { readonly every: Duration; readonly cron?: never; readonly manual?: never }
  /** Five fields, or six with seconds first; in UTC, or in the IANA `timeZone`. */
  | { readonly cron: string; readonly timeZone?: string; readonly every?: never; readonly manual?: never }
  /** Only when it is triggered. */
  | { readonly manual: true; readonly every?: never; readonly cron?: never };

export type TaskOptions = TaskFrequency & {
  /** Names the task within its plugin. */
  readonly id: string;
  /** How long one run may take; then its signal is aborted and the run has failed. Default 1 h. */
  readonly timeout?: Duration;
  /** How long an instance leaves the task alone after its plugin is ready. Default: not at all. */
  readonly initialDelay?: Duration;
  /**
   * `global` (default): at most one instance of the backend holds the lease of the task at any time; needs a database that
   * they share. `local`: each instance runs it by itself.
   */
  readonly scope?: 'global' | 'local';
  /** What becomes of runs that were due while no instance was there: one is made up for (default), or none. */
  readonly catchUp?: 'one' | 'none';
};

/** One run of a task. */
export interface TaskRun {
  /** Greater than that of every earlier run of a global task; 0 for local tasks. */
  readonly fence: number;
  /** When it was due. */
  readonly dueAt: Date;
  /**
   * Does `work` in a transaction of the plugin's database that holds the lease: of a run that has lost its lease nothing
   * is written, and it rejects with code `LEASE_LOST`. For global tasks only.
   */
  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
}

/** `signal` is aborted when the run takes too long, has lost its lease, is cancelled, or the plugin stops. */
export type TaskFunction = (signal: AbortSignal, run: TaskRun) => unknown;

export interface TaskState {
  readonly id: string;
  readonly pluginId: string;
  readonly scope: 'global' | 'local';
  readonly frequency: TaskFrequency;
  /** In ms. */
  readonly timeout: number;
  /** In any instance, of a global task. */
  readonly status: 'idle' | 'running';
  readonly nextRunAt?: Date;
  readonly lastRun?: TaskRunRecord;
}

export interface TaskRunRecord {
  readonly fence: number;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  readonly outcome?: 'completed' | 'failed' | 'timed-out' | 'cancelled' | 'lease-lost' | 'stopped';
  readonly error?: string;
}

/**
 * The tasks of one plugin, which begin once it is ready and end before it stops.
 *
 * Of a global task at most one instance holds the live lease, each due run happens at least once, and a fencing number
 * guards its writes. Nothing more is promised: a run that loses its process is begun again by another one.
 */
@Service({ id: 'core.scheduler', scope: 'plugin' })
export abstract class SchedulerService implements AnnotatedMethodReceiver {
  /** Throws `INVALID_TASK` for options that cannot be kept, `DUPLICATE_TASK` for an id that the plugin has already. */
  abstract scheduleTask(options: TaskOptions, run: TaskFunction): void;
  /** Lets it run now, and does not wait for that. Rejects with a `NotFoundError`, or a `ConflictError` where it runs already. */
  abstract triggerTask(id: string): Promise<void>;
  /** Aborts the run, in whichever instance it is. Rejects with a `NotFoundError`, or a `ConflictError` where none runs. */
  abstract cancelTask(id: string): Promise<void>;
  abstract getTasks(): Promise<readonly TaskState[]>;
  /** The last runs of a task, the newest first. Rejects with a `NotFoundError`. */
  abstract getHistory(id: string): Promise<readonly TaskRunRecord[]>;
  abstract addMethod(method: AnnotatedMethod): TakeOut | void;
}
