import type { RequestListener } from 'node:http';
import { Inject, Optional } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { BackendStatusService } from '../../api/backend-status-service.js';
import { RootConfigService } from '../../api/config-service.js';
import { DiscoveryService } from '../../api/discovery-service.js';
import { RootHttpRouterService } from '../../api/http-services.js';
import { type FetchedText, PluginFetch } from '../../api/plugin-fetch.js';
import { fetchInMemory } from './fetch-in-memory.js';
import { fetchOverHttp } from './fetch-over-http.js';

/** Asks plugins of this process without a connection, and others at the address that discovery tells. */
@Service({ implements: PluginFetch })
export class DirectPluginFetch extends PluginFetch {
  static {
    Object.freeze(this.prototype);
  }

  readonly #status: BackendStatusService;
  readonly #config: RootConfigService;
  readonly #router: RootHttpRouterService;
  readonly #discovery: DiscoveryService | undefined;

  constructor(
    @Inject(BackendStatusService) status: BackendStatusService,
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(RootHttpRouterService) router: RootHttpRouterService,
    @Optional() @Inject(DiscoveryService) discovery: DiscoveryService | undefined,
  ) {
    super();
    this.#status = status;
    this.#config = config;
    this.#router = router;
    this.#discovery = discovery;
  }

  override knows(pluginId: string): boolean {
    return this.#isLocal(pluginId) || (this.#discovery !== undefined && this.#isElsewhere(pluginId));
  }

  override async get(pluginId: string, path: string, headers?: Readonly<Record<string, string>>): Promise<FetchedText> {
    if (this.#isLocal(pluginId)) {
      const handler: RequestListener = (req, res) => this.#router.handleLocal(req, res, '');
      return fetchInMemory(handler, `/api/${pluginId}${path}`, headers);
    }
    if (!this.#discovery) throw new Error(`Nobody runs plugin '${pluginId}'`);
    return fetchOverHttp(new URL((await this.#discovery.getBaseUrl(pluginId)) + path), headers);
  }

  #isLocal(pluginId: string): boolean {
    return this.#status.plugin(pluginId) !== undefined;
  }

  /** Discovery has an address for every id; only what is configured says that somebody is there. */
  #isElsewhere(pluginId: string): boolean {
    const endpoints = this.#config.getOptionalConfigArray('discovery.endpoints') ?? [];
    return endpoints.some(endpoint => {
      const plugins = endpoint.getOptionalStringArray('plugins') ?? [];
      return plugins.includes(pluginId) || plugins.includes('*');
    });
  }
}
