import type { Config } from '../../api/config-service.js';
import type { LogLevel } from '../../api/logger-service.js';
import { readOverrides, type LevelOverride } from './level-overrides.js';
import { allows, readLevel, type Threshold } from './log-levels.js';

/** Which lines are written, by `LOG_LEVEL`, `backend.logger.level` and `backend.logger.overrides`. */
export class LoggerSettings {
  readonly #threshold: Threshold;
  readonly #overrides: readonly LevelOverride[];

  private constructor(threshold: Threshold, overrides: readonly LevelOverride[]) {
    this.#threshold = threshold;
    this.#overrides = overrides;
  }

  /** Throws a `ConfigError` that names what is invalid and where it is. */
  static read(config: Config, environment: Readonly<Record<string, string | undefined>>): LoggerSettings {
    const path = 'backend.logger.level';
    const threshold =
      readLevel(environment['LOG_LEVEL'], 'LOG_LEVEL', 'environment LOG_LEVEL') ??
      readLevel(config.getOptional(path), path, config.placeOf(path)) ??
      'info';
    return new LoggerSettings(threshold, readOverrides(config));
  }

  /** Whether a line is written; the first override that matches decides, else the general level. */
  allows(level: LogLevel, valueOf: (field: string) => unknown): boolean {
    const override = this.#overrides.find(candidate => candidate.matches(valueOf));
    return allows(override?.level ?? this.#threshold, level);
  }
}
