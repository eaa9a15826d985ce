import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { Cache, type CacheEntryOptions, type CacheOptions, CacheService } from '../../api/cache-service.js';
import type { JsonValue } from '../../api/config-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { MetricsService } from '../../api/metrics-service.js';
import type { OutputOf, Schema } from '../../contract/schema.js';
import { PluginEntries, type View } from './plugin-entries.js';
import { RootCache } from './root-cache.js';
import { readTtl } from './ttl.js';
import { anyValue, formOf } from './value-form.js';

/** The entries of a plugin as values of one form. */
class TypedCache<V> extends Cache<V> {
  static {
    Object.freeze(this.prototype);
  }

  readonly #entries: PluginEntries;
  readonly #view: View<V>;

  constructor(entries: PluginEntries, view: View<V>) {
    super();
    this.#entries = entries;
    this.#view = view;
  }

  override get(key: string): Promise<V | undefined> {
    return this.#entries.get(key, this.#view);
  }

  override set(key: string, value: V, { ttl }: CacheEntryOptions = {}): Promise<void> {
    return this.#entries.set(key, value, ttl, this.#view);
  }

  override delete(key: string): Promise<void> {
    return this.#entries.delete(key);
  }

  override clear(): Promise<void> {
    return this.#entries.clear();
  }

  override getOrSet(key: string, compute: () => V | Promise<V>, { ttl }: CacheEntryOptions = {}): Promise<V> {
    return this.#entries.getOrSet(key, compute, ttl, this.#view);
  }

  override withOptions(options: CacheOptions): Cache<V> {
    return new TypedCache(this.#entries, withOptions(this.#entries, this.#view, options));
  }
}

/** The entries of a plugin, whatever they are. */
class AnyCache extends CacheService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #entries: PluginEntries;
  readonly #view: View<JsonValue>;

  constructor(entries: PluginEntries, view: View<JsonValue>) {
    super();
    this.#entries = entries;
    this.#view = view;
  }

  override get(key: string): Promise<JsonValue | undefined> {
    return this.#entries.get(key, this.#view);
  }

  override set(key: string, value: JsonValue, { ttl }: CacheEntryOptions = {}): Promise<void> {
    return this.#entries.set(key, value, ttl, this.#view);
  }

  override delete(key: string): Promise<void> {
    return this.#entries.delete(key);
  }

  override clear(): Promise<void> {
    return this.#entries.clear();
  }

  override getOrSet(
    key: string,
    compute: () => JsonValue | Promise<JsonValue>,
    { ttl }: CacheEntryOptions = {},
  ): Promise<JsonValue> {
    return this.#entries.getOrSet(key, compute, ttl, this.#view);
  }

  override withOptions(options: CacheOptions): CacheService {
    return new AnyCache(this.#entries, withOptions(this.#entries, this.#view, options));
  }

  override withSchema<S extends Schema>(schema: S): Cache<OutputOf<S>> {
    return new TypedCache(this.#entries, { ...this.#view, form: formOf(schema) });
  }
}

/** The cache of one plugin. */
@Service({ implements: CacheService })
export class PluginCache extends AnyCache {
  static {
    Object.freeze(this.prototype);
  }

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootCache) root: RootCache,
    @Inject(MetricsService) metrics: MetricsService,
  ) {
    const pluginId = plugin.getId();
    const faults = root.faultsOf(pluginId, metrics.createCounter('cache_errors'));
    super(new PluginEntries(pluginId, root.partOf(pluginId), faults), { form: anyValue, defaultTtl: root.defaultTtl });
  }
}

function withOptions<V>({ pluginId }: PluginEntries, view: View<V>, { defaultTtl }: CacheOptions): View<V> {
  return defaultTtl === undefined ? view : { ...view, defaultTtl: readTtl(defaultTtl, pluginId) };
}
