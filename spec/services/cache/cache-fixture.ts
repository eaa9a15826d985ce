import { type CacheService, Inject, Plugin } from '../../../lib/index.js';
import { CacheService as Caches } from '../../../lib/api/cache-service.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

/** Where entries are: `backend.cache`, and nobody else's. */
export interface CachePlace extends AsyncDisposable {
  readonly config: JsonObject;
}

/** A plugin with a cache. */
export function cachingPlugin(pluginId: string) {
  @Plugin({ pluginId })
  class CachingPlugin {
    constructor(@Inject(Caches) readonly cache: CacheService) {}
  }
  return CachingPlugin;
}

export function startWithCache(cache: JsonObject, pluginIds = ['store']): Promise<TestBackend> {
  return startWith({ cache }, pluginIds);
}

/** A backend with plugins that have caches. */
export function startWith(backend: JsonObject, pluginIds = ['store']): Promise<TestBackend> {
  const config = { backend: { ...backend, logger: { level: 'silent' } } };
  return TestBackend.start({ features: pluginIds.map(cachingPlugin), config });
}

export function cacheOf(backend: TestBackend, pluginId = 'store'): CacheService {
  return backend.get(Caches, { pluginId });
}

export const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

/** Resolves when `open` is called. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>(resolve => (open = resolve));
  return { opened, open };
}

export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
