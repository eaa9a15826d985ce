import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';

/** What `backend.scheduler` says; times are in ms. */
export interface SchedulerSettings {
  /** How long a run is safe from others that hear nothing of its instance. */
  readonly lease: number;
  /** How long an instance may go without looking at what others have done. */
  readonly poll: number;
  /** How many ended runs of each task are kept. */
  readonly history: number;
}

/** Reads the settings, or throws a `ConfigError` that names the first that is wrong. */
export function readSchedulerSettings(config: Config): SchedulerSettings {
  const lease = durationAt(config, 'backend.scheduler.lease', { usual: 30_000, least: 1_000, most: 3_600_000 });
  const poll = durationAt(config, 'backend.scheduler.poll', {
    usual: Math.min(1_000, lease / 6),
    least: 50,
    most: Math.floor(lease / 3),
  });
  const path = 'backend.scheduler.history';
  const history = config.getOptionalNumber(path) ?? 50;
  if (!Number.isInteger(history) || history < 1 || history > 10_000) {
    throw invalidSetting(config, path, 'is no whole number from 1 to 10000', 'write how many runs of a task are kept');
  }
  return { lease, poll, history };
}

function durationAt(
  config: Config,
  path: string,
  { usual, least, most }: { readonly usual: number; readonly least: number; readonly most: number },
): number {
  const value = config.getOptionalDuration(path) ?? usual;
  if (value >= least && value <= most) return Math.round(value);
  const what = value < least ? `shorter than ${least} ms` : `longer than ${most} ms`;
  const fix = path.endsWith('poll') ? 'write a third of the lease at most' : 'write from one second to one hour';
  throw invalidSetting(config, path, `is ${value} ms, ${what}`, fix);
}
