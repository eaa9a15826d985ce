import { isObject } from '../util/is-object.js';
import type { Config, JsonObject } from './config-service.js';
import { closest } from '../util/did-you-mean.js';
import { invalidSetting, pathOfSetting } from './invalid-setting.js';
import type { NeededPackage } from './needed-package.js';

/** A Redis server, and how it is spoken to. */
export interface RedisOptions {
  /** `host:port`, for messages: nothing secret is in it. */
  readonly server: string;
  /** As `createClient` of the package `redis` takes them. */
  readonly client: JsonObject & { readonly url: string };
  /** How long an answer may take, in ms. */
  readonly timeout: number;
  /** The configuration key that names the server, and where it is, as the path of an error. */
  readonly key: string;
  readonly path: string;
}

const example = `write 'redis://user:password@host:6379', 'rediss://…' for TLS, or { url, … }`;

/**
 * What the keys `connection` and `timeout` of `section` say. Throws a `ConfigError`, in which the value is not told, as it
 * may have a password.
 */
export function readRedisOptions(config: Config, section: string): RedisOptions {
  const path = `${section}.connection`;
  const value = config.getOptional(path);
  const wrong = (what: string) => invalidSetting(config, path, what, example);
  if (value === undefined) throw wrong('is missing');
  const given = isObject(value) ? value : { url: value };
  if (typeof given['url'] !== 'string') throw wrong('has no url');
  const url = URL.parse(given['url'].replace(/^valkey(?=s?:)/, 'redis'));
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '') throw wrong('is no address of a Redis server');
  if (!/^\/?\d*$/.test(url.pathname)) throw wrong('names a database that is no number');
  if (![url.username, url.password].every(isEncoded)) throw wrong('has a name or a password that is not URL-encoded');
  const timeout = readTimeout(config, `${section}.timeout`);
  const server = `${url.hostname}:${url.port || '6379'}`;
  return { server, client: { ...given, url: url.href }, timeout, key: path, path: pathOfSetting(config, path) };
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function readTimeout(config: Config, path: string): number {
  const timeout = config.getOptionalDuration(path) ?? 40;
  if (timeout >= 1 && timeout <= 60_000) return timeout;
  throw invalidSetting(config, path, `is ${timeout} ms`, 'write a time from 1 ms to a minute');
}

const stores = ['memory', 'redis', 'valkey'];

/**
 * Which kind of store the key `name` of `section` names; `memory` where it names none. Throws a `ConfigError` for any other,
 * and where a server is named and nothing says what it is for.
 */
export function readStoreKind(config: Config, section: string, name: string): 'memory' | 'redis' {
  const path = `${section}.${name}`;
  // With a store in memory it is for another environment.
  const connection = config.getOptional(`${section}.connection`);
  const given = config.getOptionalString(path);
  if (given === undefined && connection !== undefined) {
    const fix = `add '${name}: redis' beside it, or '${name}: memory' where the server is not to be used`;
    throw invalidSetting(config, `${section}.connection`, `is of no effect without '${path}'`, fix);
  }
  const store = given ?? 'memory';
  if (stores.includes(store)) return store === 'memory' ? 'memory' : 'redis';
  const meant = closest(store, stores);
  const all = `write 'memory', 'redis' or 'valkey'`;
  const fix = meant === undefined ? all : `did you mean '${meant}'? Otherwise ${all}`;
  throw invalidSetting(config, path, `is '${store}', of which there is none`, fix);
}

/** What the store needs that the key `name` of `section` names; for `pluginId`, or for the backend itself. Throws a `ConfigError`. */
export function storePackages(config: Config, section: string, name: string, pluginId?: string): NeededPackage[] {
  if (readStoreKind(config, section, name) === 'memory') return [];
  const needed = {
    code: 'MISSING_REDIS_PACKAGE',
    key: `${section}.${name}`,
    anyOf: ['redis'],
    purpose: 'speaks to Redis',
  };
  return [{ ...needed, ...(pluginId !== undefined && { pluginId }) }];
}

/** What names in Redis begin with, as the first of `paths` says that is there. Throws a `ConfigError`. */
export function readNamespace(config: Config, ...paths: readonly string[]): string {
  for (const path of paths) {
    const namespace = config.getOptionalString(path);
    if (namespace === undefined) continue;
    if (/^[\w.:/-]{1,100}$/.test(namespace)) return namespace;
    throw invalidSetting(config, path, `is '${namespace}'`, 'write at most 100 letters, digits and _ . : / -');
  }
  return 'backplane';
}
