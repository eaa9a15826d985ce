import type { Config } from '../api/config-service.js';
import { ConfigError } from '../errors/config-error.js';

export type BootFailurePolicy = 'abort' | 'continue';
export type StrayErrorPolicy = 'crash' | 'isolate';

/** How the backend starts, stops and supervises; read from `backend.startup`, `.lifecycle` and `.supervision`. All times in ms. */
export interface BackendSettings {
  /** How long a plugin may take to start. */
  initTimeout(pluginId: string): number;
  onPluginFailure(pluginId: string): BootFailurePolicy;
  onModuleFailure(pluginId: string, moduleId: string): BootFailurePolicy;
  onStrayError(pluginId: string): StrayErrorPolicy;
  /** The wait before a failed plugin is tried again: it doubles from `initialDelay` up to `maxDelay`. */
  readonly retry: { readonly initialDelay: number; readonly maxDelay: number };
  /** A plugin that is isolated more often than `restarts` times within `period` ends the process. */
  readonly intensity: { readonly restarts: number; readonly period: number };
  readonly hookTimeout: number;
  /** How long the whole stop may take. */
  readonly shutdownTimeout: number;
  /** Core services that what a scan or a loader brings may replace. */
  readonly allowedOverrides: ReadonlySet<string>;
}

/** Reads the settings at once, so that every wrong value is found before anything starts. Throws `ConfigError`. */
export function readBackendSettings(config: Config): BackendSettings {
  const startup = config.getOptionalConfig('backend.startup');
  const supervision = config.getOptionalConfig('backend.supervision');
  const plugins = sectionsOf(startup, 'plugins');
  const supervised = sectionsOf(supervision, 'plugins');
  const initTimeout = startup?.getOptionalDuration('initTimeout') ?? 30_000;
  const timeouts = mapSections(plugins, plugin => plugin.getOptionalDuration('initTimeout'));
  const onPlugin = choice(startup, 'default.onPluginBootFailure', bootPolicies) ?? 'abort';
  const onPlugins = mapSections(plugins, plugin => choice(plugin, 'onPluginBootFailure', bootPolicies));
  const onModule = choice(startup, 'default.onPluginModuleBootFailure', bootPolicies) ?? 'abort';
  const onModules = mapSections(plugins, plugin =>
    mapSections(sectionsOf(plugin, 'modules'), module => choice(module, 'onPluginModuleBootFailure', bootPolicies)),
  );
  const onStray = choice(supervision, 'default.onStrayError', strayPolicies) ?? 'crash';
  const onStrays = mapSections(supervised, plugin => choice(plugin, 'onStrayError', strayPolicies));
  return {
    initTimeout: pluginId => timeouts.get(pluginId) ?? initTimeout,
    onPluginFailure: pluginId => onPlugins.get(pluginId) ?? onPlugin,
    onModuleFailure: (pluginId, moduleId) => onModules.get(pluginId)?.get(moduleId) ?? onModule,
    onStrayError: pluginId => onStrays.get(pluginId) ?? onStray,
    retry: {
      initialDelay: startup?.getOptionalDuration('retry.initialDelay') ?? 1_000,
      maxDelay: startup?.getOptionalDuration('retry.maxDelay') ?? 60_000,
    },
    intensity: {
      restarts: supervision?.getOptionalNumber('intensity.restarts') ?? 3,
      period: supervision?.getOptionalDuration('intensity.period') ?? 60_000,
    },
    hookTimeout: config.getOptionalDuration('backend.lifecycle.hookTimeout') ?? 5_000,
    shutdownTimeout: config.getOptionalDuration('backend.lifecycle.shutdownTimeout') ?? 28_000,
    allowedOverrides: new Set(config.getOptionalStringArray('backend.overrides.allow')),
  };
}

const bootPolicies = ['abort', 'continue'] as const;
const strayPolicies = ['crash', 'isolate'] as const;

function sectionsOf(config: Config | undefined, key: string): Map<string, Config> {
  const section = config?.getOptionalConfig(key);
  return new Map((section?.keys() ?? []).map(id => [id, section!.getConfig(id)]));
}

function mapSections<T>(
  sections: ReadonlyMap<string, Config>,
  read: (section: Config) => T | undefined,
): Map<string, T> {
  const values = new Map<string, T>();
  for (const [id, section] of sections) {
    const value = read(section);
    if (value !== undefined) values.set(id, value);
  }
  return values;
}

function choice<T extends string>(config: Config | undefined, key: string, allowed: readonly T[]): T | undefined {
  const value = config?.getOptionalString(key);
  if (value === undefined || allowed.includes(value as T)) return value as T | undefined;
  const place = config?.placeOf(key);
  throw new ConfigError({
    code: 'INVALID_CONFIG',
    message: `Configuration key '${key}' is none of ${allowed.map(a => `'${a}'`).join(', ')}`,
    path: [`in configuration key '${key}'${place ? ` (${place})` : ''}`],
    fix: `write one of ${allowed.map(a => `'${a}'`).join(', ')}.`,
  });
}
