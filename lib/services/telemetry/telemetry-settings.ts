import type { Config } from '../../api/config-service.js';

/** How a meter or tracer is known. */
export interface ScopeSettings {
  readonly name: string;
  readonly version: string | undefined;
  readonly schemaUrl: string | undefined;
}

export const readMeterSettings = (config: Config, pluginId: string): ScopeSettings =>
  readScope(config, `backend.metrics.plugin.${pluginId}.meter`, pluginId);

export const readTracerSettings = (config: Config, pluginId: string): ScopeSettings =>
  readScope(config, `backend.tracing.plugin.${pluginId}.tracer`, pluginId);

/** Whether spans name the user. */
export const capturesEndUser = (config: Config): boolean =>
  config.getOptionalBoolean('backend.tracing.capture.endUser') ?? false;

/** Reads all of it, or throws a `ConfigError` that names the first that is wrong. */
export function readTelemetrySettings(config: Config): void {
  capturesEndUser(config);
  for (const id of config.getOptionalConfig('backend.metrics.plugin')?.keys() ?? []) readMeterSettings(config, id);
  for (const id of config.getOptionalConfig('backend.tracing.plugin')?.keys() ?? []) readTracerSettings(config, id);
}

function readScope(config: Config, path: string, pluginId: string): ScopeSettings {
  return {
    name: config.getOptionalString(`${path}.name`) ?? `backplane-plugin-${pluginId}`,
    version: config.getOptionalString(`${path}.version`),
    schemaUrl: config.getOptionalString(`${path}.schemaUrl`),
  };
}
