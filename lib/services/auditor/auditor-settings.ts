import type { AuditSeverity } from '../../api/auditor-service.js';
import type { Config } from '../../api/config-service.js';
import type { LogLevel } from '../../api/logger-service.js';
import { ConfigError } from '../../errors/config-error.js';

/** At which level of the log an event is written. */
export type AuditLevels = Readonly<Record<AuditSeverity, LogLevel>>;

const key = 'backend.auditor.severityLogLevelMappings';
const usual: AuditLevels = { low: 'debug', medium: 'info', high: 'info', critical: 'info' };
const levels: readonly string[] = ['debug', 'info', 'warn', 'error'];

/** Reads the levels, or throws a `ConfigError` that names the first that is wrong. */
export function readAuditorSettings(config: Config): AuditLevels {
  const said: Partial<Record<AuditSeverity, LogLevel>> = {};
  for (const severity of config.getOptionalConfig(key)?.keys() ?? []) {
    const path = `${key}.${severity}`;
    const level = config.getOptionalString(path);
    if (level === undefined) continue;
    if (!Object.hasOwn(usual, severity)) {
      throw invalid(config, path, 'is no severity', "write 'low', 'medium', 'high' or 'critical'");
    }
    if (!levels.includes(level)) {
      throw invalid(config, path, `is '${level}', which is no level`, "write 'debug', 'info', 'warn' or 'error'");
    }
    said[severity as AuditSeverity] = level as LogLevel;
  }
  return { ...usual, ...said };
}

function invalid(config: Config, path: string, what: string, fix: string): ConfigError {
  const place = config.placeOf(path);
  return new ConfigError({
    code: 'INVALID_CONFIG',
    message: `Configuration key '${path}' ${what}`,
    path: [`in configuration key '${path}'${place ? ` (${place})` : ''}`],
    fix: `${fix}.`,
  });
}
