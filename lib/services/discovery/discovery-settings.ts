import type { Config, JsonValue } from '../../api/config-service.js';
import { ConfigError } from '../../errors/config-error.js';
import { keyStep } from '../../errors/key-step.js';
import { isObject } from '../../util/is-object.js';
import { parseTarget, type Direction, type Target } from './target.js';

/** What configuration says about where plugins are. */
export interface DiscoverySettings {
  /** The address of the backend as the world outside sees it, without a slash at its end. */
  readonly baseUrl: string | undefined;
  /** `false`: plugins of this process are called over HTTP like all others. */
  readonly inMemory: boolean;
  /** By plugin id, or `*` for whoever is not named. */
  readonly targets: Readonly<Record<Direction, ReadonlyMap<string, Target>>>;
}

const endpointsKey = 'discovery.endpoints';
const directions = ['internal', 'external'] as const;

/**
 * Reads `backend.baseUrl`, `discovery.inMemory` and `discovery.endpoints`: `{ target, plugins }`, where `target` is a URL
 * or `{ internal, external }`. Of two endpoints that name a plugin the later one counts, for each direction by itself.
 *
 * Throws a `ConfigError` that names the place of the first that is wrong.
 */
export function readDiscoverySettings(config: Config): DiscoverySettings {
  return {
    baseUrl: readBaseUrl(config),
    inMemory: config.getOptionalBoolean('discovery.inMemory') ?? true,
    targets: readTargets(config),
  };
}

function readBaseUrl(config: Config): string | undefined {
  const key = 'backend.baseUrl';
  const value = config.getOptionalString(key);
  if (value === undefined) return undefined;
  const fix = `write it as 'https://portal.example.com'`;
  if (!/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')) {
    throw invalid(key, 'is not the URL of a web server', fix, config.placeOf(key));
  }
  const url = new URL(value);
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw invalid(key, 'has more than a host and a path', fix, config.placeOf(key));
  }
  return value.replace(/\/+$/, '');
}

function readTargets(config: Config): DiscoverySettings['targets'] {
  const targets = { internal: new Map<string, Target>(), external: new Map<string, Target>() };
  for (const [index, entry] of (config.getOptionalConfigArray(endpointsKey) ?? []).entries()) {
    const path = `${endpointsKey}[${index}]`;
    const plugins = readPlugins(entry, path);
    const target = entry.getOptional('target');
    // Whoever lists all problems hides what it has been told of already.
    if (target === undefined && entry.keys().includes('target')) continue;
    for (const direction of directions) {
      const parsed = readTarget(entry, path, target, direction);
      if (parsed) for (const pluginId of plugins) targets[direction].set(pluginId, parsed);
    }
  }
  return targets;
}

function readPlugins(entry: Config, path: string): readonly string[] {
  const plugins = entry.getOptionalStringArray('plugins');
  if (plugins && plugins.length > 0) return plugins;
  if (plugins === undefined && entry.keys().includes('plugins')) return [];
  const place = entry.placeOf('target') ?? entry.placeOf('plugins');
  throw invalid(`${path}.plugins`, 'names no plugin', `write the ids of plugins, or ['*'] for all others`, place);
}

function readTarget(
  entry: Config,
  path: string,
  target: JsonValue | undefined,
  direction: Direction,
): Target | undefined {
  const both = typeof target === 'string';
  const key = both ? 'target' : `target.${direction}`;
  const url = both ? target : targetObject(entry, path, target)[direction];
  if (url === undefined) return undefined;
  const parsed = typeof url === 'string' ? parseTarget(url, direction) : 'is not a URL';
  if (typeof parsed !== 'string') return parsed;
  throw invalid(`${path}.${key}`, parsed, targetFix, entry.placeOf(key));
}

const targetFix = `write it as 'https://catalog.internal/api/{{pluginId}}', or { internal, external }`;

function targetObject(entry: Config, path: string, target: JsonValue | undefined): { [key: string]: JsonValue } {
  const keys = isObject(target) ? Object.keys(target) : [];
  const unknown = keys.filter(key => key !== 'internal' && key !== 'external');
  if (isObject(target) && unknown.length === 0 && keys.length > 0) return target;
  const what = unknown.length > 0 ? `has '${unknown[0]}', which is not known` : 'is not an address';
  throw invalid(`${path}.target`, what, targetFix, entry.placeOf('target') ?? entry.placeOf('plugins'));
}

function invalid(key: string, what: string, fix: string, place: string | undefined): ConfigError {
  return new ConfigError({
    code: 'INVALID_CONFIG',
    message: `Configuration key '${key}' ${what}`,
    path: [keyStep(key, place)],
    fix: `${fix}.`,
  });
}
