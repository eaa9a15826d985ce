import type { RootEndpoint } from '../../api/http-services.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import type { Exchange } from './exchange.js';
import { pathBelow, prefixOf } from './path-below.js';

const reserved = ['/api', '/.backplane', '/.well-known'];

interface RootPath {
  readonly path: string;
  readonly owner: string | undefined;
  readonly serve: (exchange: Exchange) => Promise<void>;
}

/** What is answered outside of the plugins, by path. No path of it covers another. */
export class RootPaths {
  #all: readonly RootPath[] = [];
  readonly #endpoints = new Map<string, RootEndpoint>();

  /** `owner` is the plugin that asks, if one does. Throws `ROUTE_CONFLICT` or `INVALID_PATH`. */
  add(path: string, owner: string | undefined, serve: RootPath['serve']): void {
    if (/^\/*$/.test(path)) throw conflict(path, 'every request');
    const prefix = prefixOf(path);
    const other = [...reserved, ...this.#all.map(entry => entry.path)].find(taken => overlap(taken, prefix));
    if (other) throw conflict(path, `'${other}'`);
    this.#all = [...this.#all, { path: prefix, owner, serve }];
  }

  /** Answers one path of those that nobody else can have. */
  addEndpoint(endpoint: RootEndpoint): void {
    const { path } = endpoint;
    if (this.#endpoints.has(path)) throw conflict(path, 'another endpoint');
    this.#endpoints.set(path, endpoint);
  }

  /** Forgets what a plugin has added: it may start again. */
  removeOf(owner: string): void {
    this.#all = this.#all.filter(entry => entry.owner !== owner);
  }

  /** Serves the request, with its path relative to what answers; `undefined` where nothing does. */
  serve(exchange: Exchange): Promise<void> | undefined {
    const endpoint = this.#endpoints.get(exchange.path);
    if (endpoint) return Promise.resolve(endpoint.handle(exchange));
    for (const entry of this.#all) {
      const path = pathBelow(entry.path, exchange.path);
      if (path === undefined) continue;
      exchange.path = path;
      return entry.serve(exchange);
    }
    return undefined;
  }
}

/** By segments, and as if case did not matter: to somebody it does not. */
function overlap(a: string, b: string): boolean {
  const [short, long] = (a.length < b.length ? [a, b] : [b, a]).map(path => path.toLowerCase()) as [string, string];
  return pathBelow(short, long) !== undefined;
}

function conflict(path: string, other: string): BackplaneError {
  return new BackplaneError({
    code: 'ROUTE_CONFLICT',
    message: `The path '${path}' conflicts with ${other}`,
    path: [],
    fix: 'use a path that is neither above nor below another one.',
  });
}
