import type { Config } from '../../api/config-service.js';
import { ConfigError } from '../../errors/config-error.js';

/** Says what is wrong with the value at `path` of the whole configuration, never what it is. */
export function invalidSetting(config: Config, path: string, what: string, fix: string): ConfigError {
  const place = placeAbove(config, path);
  return new ConfigError({
    code: 'INVALID_CONFIG',
    message: `Configuration key '${path}' ${what}`,
    path: [`in configuration key '${path}'${place ? ` (${place})` : ''}`],
    fix: `${fix}.`,
  });
}

/** Of what is missing, where it would be. The value itself is asked for last, as whoever collects errors expects. */
function placeAbove(config: Config, path: string): string | undefined {
  const above = path.includes('.') ? config.placeOf(path.slice(0, path.lastIndexOf('.'))) : undefined;
  return config.placeOf(path) ?? above;
}
