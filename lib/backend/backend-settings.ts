import type { Config } from '../api/config-service.js';
import { invalidSetting } from '../api/invalid-setting.js';

export type BootFailurePolicy = 'abort' | 'continue';
export type StrayErrorPolicy = 'crash' | 'isolate';

/** How the backend starts, stops and supervises; read from `backend.startup`, `.lifecycle` and `.supervision`. All times in ms. */
export interface BackendSettings {
  /** How long an import, a promise or a loader of features may take; absent: 30 s, and 10 s for what a scan imports. */
  readonly importTimeout: number | undefined;
  /** How long one root service may take to be there. */
  readonly rootTimeout: number;
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

/** Reads the settings at once, so that a wrong value is found before anything starts. Throws `ConfigError`. */
export function readBackendSettings(config: Config): BackendSettings {
  const startup = 'backend.startup';
  const supervision = 'backend.supervision';
  const duration = (path: string, standard: number) => config.getOptionalDuration(path) ?? standard;
  const plugins = sectionsOf(config, `${startup}.plugins`);
  const supervised = sectionsOf(config, `${supervision}.plugins`);
  const initTimeout = duration(`${startup}.initTimeout`, 30_000);
  const timeouts = valuesOf(plugins, path => config.getOptionalDuration(`${path}.initTimeout`));
  const onPlugin = choice(config, `${startup}.default.onPluginBootFailure`, bootPolicies) ?? 'abort';
  const onPlugins = valuesOf(plugins, path => choice(config, `${path}.onPluginBootFailure`, bootPolicies));
  const onModule = choice(config, `${startup}.default.onPluginModuleBootFailure`, bootPolicies) ?? 'abort';
  const onModules = valuesOf(plugins, plugin =>
    valuesOf(sectionsOf(config, `${plugin}.modules`), path =>
      choice(config, `${path}.onPluginModuleBootFailure`, bootPolicies),
    ),
  );
  const onStray = choice(config, `${supervision}.default.onStrayError`, strayPolicies) ?? 'crash';
  const onStrays = valuesOf(supervised, path => choice(config, `${path}.onStrayError`, strayPolicies));
  return {
    importTimeout: config.getOptionalDuration(`${startup}.importTimeout`),
    rootTimeout: initTimeout,
    initTimeout: pluginId => timeouts.get(pluginId) ?? initTimeout,
    onPluginFailure: pluginId => onPlugins.get(pluginId) ?? onPlugin,
    onModuleFailure: (pluginId, moduleId) => onModules.get(pluginId)?.get(moduleId) ?? onModule,
    onStrayError: pluginId => onStrays.get(pluginId) ?? onStray,
    retry: {
      initialDelay: duration(`${startup}.retry.initialDelay`, 1_000),
      maxDelay: duration(`${startup}.retry.maxDelay`, 60_000),
    },
    intensity: {
      restarts: config.getOptionalNumber(`${supervision}.intensity.restarts`) ?? 3,
      period: duration(`${supervision}.intensity.period`, 60_000),
    },
    hookTimeout: duration('backend.lifecycle.hookTimeout', 5_000),
    shutdownTimeout: duration('backend.lifecycle.shutdownTimeout', 28_000),
    allowedOverrides: new Set(config.getOptionalStringArray('backend.overrides.allow')),
  };
}

const bootPolicies = ['abort', 'continue'] as const;
const strayPolicies = ['crash', 'isolate'] as const;

/** The paths of the sections at `path`, by their keys: ids of plugins or of modules. */
function sectionsOf(config: Config, path: string): Map<string, string> {
  const ids = config.getOptionalConfig(path)?.keys() ?? [];
  return new Map(ids.map(id => [id, `${path}.${id}`]));
}

function valuesOf<T>(sections: ReadonlyMap<string, string>, read: (path: string) => T | undefined): Map<string, T> {
  const values = new Map<string, T>();
  for (const [id, path] of sections) {
    const value = read(path);
    if (value !== undefined) values.set(id, value);
  }
  return values;
}

function choice<T extends string>(config: Config, path: string, allowed: readonly T[]): T | undefined {
  const value = config.getOptionalString(path);
  if (value === undefined || allowed.includes(value as T)) return value as T | undefined;
  const words = allowed.map(word => `'${word}'`).join(', ');
  throw invalidSetting(config, path, `is none of ${words}`, `write one of ${words}`);
}
