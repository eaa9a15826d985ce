import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { pluginView, type PluginViewable, type Viewer } from '../../api/plugin-view.js';
import { RootSecretsService } from '../../api/root-secrets-service.js';
import { configObject } from './config-node.js';
import { ConfigView } from './config-view.js';
import { plainConfig } from './plain-config.js';
import { secretValues } from './secret-values.js';

/** The secrets of the configuration, those of its earlier versions included. */
@Service({ implements: RootSecretsService })
export class ConfigSecrets extends RootSecretsService implements PluginViewable<RootSecretsService>, Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #config: RootConfigService;
  readonly #values = new Set<string>();
  readonly #listeners = new Set<{ readonly listener: () => void }>();
  readonly #end: () => void;

  constructor(@Inject(RootConfigService) config: RootConfigService) {
    super();
    this.#config = config;
    this.#collect();
    if (config instanceof ConfigView) {
      this.#end = ConfigView.sourceOf(config).subscribe(() => this.#grow(), { first: true });
    } else {
      const subscription = config.subscribe(() => this.#grow());
      this.#end = () => subscription.unsubscribe();
    }
  }

  values(): readonly string[] {
    return [...this.#values];
  }

  subscribe(listener: () => void): () => void {
    const subscription = { listener };
    this.#listeners.add(subscription);
    return () => this.#listeners.delete(subscription);
  }

  /** A plugin learns no secrets but those in the part of the configuration that it may read. */
  [pluginView](viewer: Viewer): RootSecretsService {
    const { [pluginView]: viewOf } = this.#config as Partial<PluginViewable<RootConfigService>>;
    return secretsOf(viewOf ? viewOf.call(this.#config, viewer) : this.#config);
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #collect(): void {
    for (const value of secretsIn(this.#config)) this.#values.add(value);
  }

  /** Every listener is told, also after one of them has failed. */
  #grow(): void {
    const before = this.#values.size;
    this.#collect();
    if (this.#values.size === before) return;
    const failures: unknown[] = [];
    for (const { listener } of this.#listeners) {
      try {
        listener();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

function secretsOf(config: RootConfigService): RootSecretsService {
  return new ConfigSecrets(config);
}

function secretsIn(config: RootConfigService): Iterable<string> {
  if (config instanceof ConfigView) {
    const { tree, schemas } = ConfigView.sourceOf(config);
    return secretValues(tree, schemas);
  }
  return secretValues(plainConfig(config.getOptional() ?? {}, 'configuration', []) ?? configObject([], ''), []);
}
