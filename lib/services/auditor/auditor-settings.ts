import type { AuditSeverity } from '../../api/auditor-service.js';
import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { LogLevel } from '../../api/logger-service.js';

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
      throw invalidSetting(config, path, 'is no severity', "write 'low', 'medium', 'high' or 'critical'");
    }
    if (!levels.includes(level)) {
      throw invalidSetting(
        config,
        path,
        `is '${level}', which is no level`,
        "write 'debug', 'info', 'warn' or 'error'",
      );
    }
    said[severity as AuditSeverity] = level as LogLevel;
  }
  return { ...usual, ...said };
}
