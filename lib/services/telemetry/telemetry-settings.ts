import type { Config } from '../../api/config-service.js';

/** How a tracer is known. */
export interface TracerSettings {
  readonly name: string;
  readonly version: string | undefined;
}

export interface MeterSettings extends TracerSettings {
  readonly schemaUrl: string | undefined;
}

export function readMeterSettings(config: Config, pluginId: string): MeterSettings {
  const path = `backend.metrics.plugin.${pluginId}.meter`;
  return { ...readScope(config, path, pluginId), schemaUrl: config.getOptionalString(`${path}.schemaUrl`) };
}

export function readTracerSettings(config: Config, pluginId: string): TracerSettings {
  return readScope(config, `backend.tracing.plugin.${pluginId}.tracer`, pluginId);
}

/** Whether spans name the user. */
export const capturesEndUser = (config: Config): boolean =>
  config.getOptionalBoolean('backend.tracing.capture.endUser') ?? false;

/** Reads all of it, or throws a `ConfigError` that names the first that is wrong. */
export function readTelemetrySettings(config: Config): void {
  capturesEndUser(config);
  for (const id of config.getOptionalConfig('backend.metrics.plugin')?.keys() ?? []) readMeterSettings(config, id);
  for (const id of config.getOptionalConfig('backend.tracing.plugin')?.keys() ?? []) readTracerSettings(config, id);
}

function readScope(config: Config, path: string, pluginId: string): TracerSettings {
  return {
    name: config.getOptionalString(`${path}.name`) ?? `backplane-plugin-${pluginId}`,
    version: config.getOptionalString(`${path}.version`),
  };
}
