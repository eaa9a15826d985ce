import type { JsonValue } from '../../api/config-service.js';
import type { LogLevel } from '../../api/logger-service.js';
import { ConfigError } from '../../errors/config-error.js';

/** How much is logged: lines of this level and of the more severe ones. */
export type Threshold = LogLevel | 'silent';

const severities: Record<Threshold, number> = { silent: -1, error: 0, warn: 1, info: 2, debug: 3 };

/** What other loggers call their levels, so that a `LOG_LEVEL` that was meant for one of them works here as well. */
const synonyms = new Map<string, Threshold>(
  Object.entries({
    none: 'silent',
    off: 'silent',
    fatal: 'error',
    warning: 'warn',
    http: 'debug',
    verbose: 'debug',
    trace: 'debug',
    silly: 'debug',
  }),
);

/**
 * The level that `value` names, in any case; `undefined` where there is none. `source` is who says so, for the message.
 *
 * Throws a `ConfigError` with code `INVALID_LOG_LEVEL` where `value` names no level.
 */
export function readLevel(
  value: JsonValue | undefined,
  source: string,
  place: string | undefined,
): Threshold | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const name = (typeof value === 'string' ? value : JSON.stringify(value)).trim().toLowerCase();
  const level = isThreshold(name) ? name : synonyms.get(name);
  if (level !== undefined) return level;
  throw new ConfigError({
    code: 'INVALID_LOG_LEVEL',
    message: `'${name.slice(0, 40)}' is not a log level`,
    path: [`in configuration '${source}'${place === undefined ? '' : ` (${place})`}`],
    fix: `write one of ${Object.keys(severities).join(', ')}.`,
  });
}

function isThreshold(name: string): name is Threshold {
  return Object.hasOwn(severities, name);
}

/** Whether a line of `level` is written where `threshold` holds. */
export function allows(threshold: Threshold, level: LogLevel): boolean {
  return severities[level] <= severities[threshold];
}
