import { Service } from '../../decorators/service.js';

/** The time by which tasks run. Tests put another one in its place, which passes when they say so. */
@Service({ id: 'core.scheduler-clock', scope: 'root' })
export abstract class SchedulerClock {
  /**
   * Whether time passes only when somebody says so. Tasks are then leased in memory, since no database goes by such a
   * clock.
   */
  abstract readonly isManual: boolean;
  /** In ms since 1970. */
  abstract now(): number;
  /** In ms since some moment; goes on evenly, whatever is done to the clock on the wall. */
  abstract elapsed(): number;
  /** Calls `work` after `ms`; gives back how to prevent that. */
  abstract after(ms: number, work: () => void): () => void;
  /** Says that `work` goes on: what moves a manual clock waits for it. */
  abstract during(work: Promise<unknown>): void;
}
