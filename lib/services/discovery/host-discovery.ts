import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { BackendStatusService } from '../../api/backend-status-service.js';
import { RootConfigService } from '../../api/config-service.js';
import { DiscoveryService } from '../../api/discovery-service.js';
import { RootHttpRouterService } from '../../api/http-services.js';
import { RootLoggerService } from '../../api/logger-service.js';
import { RootInstanceMetadataService } from '../../api/metadata-services.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { closest } from '../../util/did-you-mean.js';
import { readDiscoverySettings, type DiscoverySettings } from './discovery-settings.js';
import { SrvLookup } from './srv-lookup.js';
import { addressIn, withHost, type Direction, type Target } from './target.js';

/**
 * Where plugins are, by `discovery.endpoints`; those of this backend are where it listens.
 *
 * A plugin that runs here is called in memory even where an endpoint names it, so the parts of a split backend can
 * share one configuration; `discovery.inMemory: false` sends every call over HTTP, until the backend stops.
 */
@Service({ implements: DiscoveryService })
export class HostDiscovery extends DiscoveryService implements Disposable {
  readonly #config: RootConfigService;
  readonly #status: BackendStatusService;
  readonly #router: RootHttpRouterService;
  readonly #logger: RootLoggerService;
  readonly #srv = new SrvLookup();
  readonly #subscription: { unsubscribe(): void };
  #settings: DiscoverySettings;

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(BackendStatusService) status: BackendStatusService,
    @Inject(RootHttpRouterService) router: RootHttpRouterService,
    @Inject(RootLoggerService) logger: RootLoggerService,
    @Inject(RootInstanceMetadataService) instance: RootInstanceMetadataService,
  ) {
    super();
    this.#config = config;
    this.#status = status;
    this.#router = router;
    this.#logger = logger;
    this.#settings = readDiscoverySettings(config);
    this.#subscription = config.subscribe(() => this.#reload());
    const { baseUrl } = this.#settings;
    if (instance.mode === 'production' && baseUrl !== undefined && isThisMachine(baseUrl)) {
      logger.warn(`'backend.baseUrl' is ${baseUrl}, which others do not reach; set it to the address they know`);
    }
  }

  override isLocal(pluginId: string): boolean {
    const { phase } = this.#status;
    // A server that stops takes no new connections, and those who still answer may need each other for it.
    const isInMemory = this.#settings.inMemory || phase === 'stopping' || phase === 'stopped';
    return isInMemory && this.#isInstalled(pluginId);
  }

  override knows(pluginId: string): boolean {
    return this.#isInstalled(pluginId) || this.#targetOf(pluginId, 'internal') !== undefined;
  }

  override async getBaseUrl(pluginId: string): Promise<string> {
    const target = this.#targetOf(pluginId, 'internal');
    if (!target) return this.#own(pluginId, this.#router.internalUrl);
    const address = addressIn(target, pluginId);
    if (!target.isSrv) return address;
    return withHost(address, await this.#srv.pick(new URL(address).hostname));
  }

  /** Rejects with `UNKNOWN_ADDRESS` where nobody has said where the plugin is. */
  override async getExternalBaseUrl(pluginId: string): Promise<string> {
    const target = this.#targetOf(pluginId, 'external');
    if (target) return addressIn(target, pluginId);
    const { baseUrl } = this.#settings;
    if (!this.#isInstalled(pluginId) && !this.#targetOf(pluginId, 'internal')) throw this.#unknown(pluginId);
    if (baseUrl === undefined) return this.#own(pluginId, this.#router.url);
    return Promise.resolve(`${baseUrl}/api/${encodeURIComponent(pluginId)}`);
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
  }

  #isInstalled(pluginId: string): boolean {
    return this.#status.plugin(pluginId) !== undefined;
  }

  #targetOf(pluginId: string, direction: Direction): Target | undefined {
    const targets = this.#settings.targets[direction];
    return targets.get(pluginId) ?? targets.get('*');
  }

  #own(pluginId: string, url: string | undefined): string {
    if (!this.#isInstalled(pluginId)) throw this.#unknown(pluginId);
    if (url === undefined) {
      throw new BackplaneError({
        code: 'UNKNOWN_ADDRESS',
        message: `Plugin '${pluginId}' has no address: the backend does not listen`,
        path: [],
        fix: `set 'backend.listen', or say in 'discovery.endpoints' where the plugin is reached.`,
      });
    }
    return `${url}/api/${encodeURIComponent(pluginId)}`;
  }

  #unknown(pluginId: string): BackplaneError {
    const { internal, external } = this.#settings.targets;
    const known = [...this.#status.plugins().map(plugin => plugin.pluginId), ...internal.keys(), ...external.keys()];
    const near = closest(
      pluginId,
      known.filter(id => id !== pluginId),
    );
    return new BackplaneError({
      code: 'UNKNOWN_ADDRESS',
      message: `Plugin '${pluginId}' does not run in this backend, and 'discovery.endpoints' does not say where it does`,
      path: [],
      fix: `${near === undefined ? '' : `did you mean '${near}'? Otherwise `}add the plugin, or name it under 'discovery.endpoints'.`,
    });
  }

  #reload(): void {
    try {
      this.#settings = readDiscoverySettings(this.#config);
    } catch (error) {
      this.#logger.error('The addresses of plugins were not reloaded; those known before are kept', { error });
    }
  }
}

function isThisMachine(baseUrl: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(baseUrl).hostname);
}
