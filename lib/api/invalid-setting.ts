import { ConfigError } from '../errors/config-error.js';
import { keyStep } from '../errors/key-step.js';
import type { Config } from './config-service.js';

/**
 * The error for the value at `path` of `config`: `what` is said of it, `fix` comes without its full stop. A value that
 * may be a secret is not to be in either.
 */
export function invalidSetting(config: Config, path: string, what: string, fix: string, cause?: unknown): ConfigError {
  return new ConfigError({
    code: 'INVALID_CONFIG',
    message: `Configuration key '${path}' ${what.replaceAll(credentialsInUrl, '//***@')}`,
    path: [pathOfSetting(config, path)],
    fix: `${fix}.`,
    ...(cause !== undefined && { cause }),
  });
}

/** Where the value at `path` is, as the path of an error says it. */
export function pathOfSetting(config: Config, path: string): string {
  return keyStep(path, placeAbove(config, path));
}

/** A value that is shown may be another one that was put in the wrong place. */
const credentialsInUrl = /\/\/[^/\s']*@/g;

/** Of what is missing, where it would be. The value itself is asked for last, as whoever collects errors expects. */
function placeAbove(config: Config, path: string): string | undefined {
  const above = path.includes('.') ? config.placeOf(path.slice(0, path.lastIndexOf('.'))) : undefined;
  return config.placeOf(path) ?? above;
}
