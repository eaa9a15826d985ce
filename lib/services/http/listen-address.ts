import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { ConfigError } from '../../errors/config-error.js';

export interface ListenAddress {
  /** Absent: all interfaces. */
  readonly host?: string;
  /** `0`: any free port. */
  readonly port: number;
  /** The configuration key that says so. */
  readonly key: string;
}

const defaultPort = 7007;

/**
 * Where `backend.listen`, or another key, says to listen: `7007`, `host:7007`, `[::1]:7007`, `{ host, port }`, or `false` for nowhere,
 * which is `undefined`. Throws a `ConfigError` with code `INVALID_CONFIG` for anything else.
 */
export function readListenAddress(config: Config, key = 'backend.listen'): ListenAddress | undefined {
  const value = config.getOptional(key);
  switch (typeof value) {
    case 'undefined':
      return { port: defaultPort, key };
    case 'number':
    case 'string':
      return parse(config, key, String(value));
    case 'object':
      if (value === null || Array.isArray(value)) throw invalid(config, 'a list, or nothing', key);
      return {
        host: config.getOptionalString(`${key}.host`),
        port: portOf(config, config.getOptionalNumber(`${key}.port`) ?? defaultPort, `${key}.port`),
        key,
      };
    default:
      if (value) throw invalid(config, `'${String(value)}'`, key);
      return undefined;
  }
}

function parse(config: Config, key: string, text: string): ListenAddress {
  const [, bracketed, host = bracketed, port] =
    /^(?:(?:\[([\da-f:.]+(?:%\w+)?)\]|([^\s:[\]/]+))?:)?(\d{1,5})$/i.exec(text.trim()) ?? [];
  if (port === undefined) throw invalid(config, `'${text}'`, key);
  return { host, port: portOf(config, Number(port), key), key };
}

function portOf(config: Config, port: number, at: string): number {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalid(config, `'${port}'`, at);
  return port;
}

function invalid(config: Config, value: string, at: string): ConfigError {
  const fix = `write a port as 7007, 'host:7007', '[::1]:7007', { host, port }, or false`;
  return invalidSetting(config, at, `is ${value}, which is not an address to listen at`, fix);
}
