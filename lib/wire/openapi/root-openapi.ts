import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { RootHttpRouterService, type PluginRequest } from '../../api/http-services.js';
import { OpenApiService, type DescribedPlugin } from '../../api/openapi-service.js';
import { pluginView, type PluginViewable, type Viewer } from '../../api/plugin-view.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { HttpError, UnauthenticatedError } from '../../errors/http-error.js';
import type { PluginRoutes } from './api-document.js';
import { addDocsPage } from './docs-page.js';
import { KeptDocument } from './kept-document.js';
import { refuseWriting } from './kept-text.js';
import { readOpenApiSettings, type OpenApiSettings } from './openapi-settings.js';

const documentPath = '/.backplane/openapi.json';

/** Answers documents of the plugins and of the whole backend. Until somebody asks, it only knows whom to ask. */
@Service({ implements: OpenApiService })
export class RootOpenApi extends OpenApiService implements PluginViewable<OpenApiService> {
  readonly #settings: OpenApiSettings;
  readonly #router: RootHttpRouterService;
  readonly #plugins = new Map<string, DescribedPlugin>();
  readonly #whole: KeptDocument;

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(RootHttpRouterService) router: RootHttpRouterService,
  ) {
    super();
    this.#settings = readOpenApiSettings(config);
    this.#router = router;
    const { access, baseUrl } = this.#settings;
    this.#whole = new KeptDocument(async plugins => {
      const { backendDocument } = await import('./api-document.js');
      return backendDocument(plugins, baseUrl);
    });
    if (access === 'off') return;
    router.addRootEndpoint({ path: documentPath, handle: request => this.#answerWhole(request) });
    addDocsPage(router);
  }

  override add(plugin: DescribedPlugin): () => void {
    const { access, baseUrl } = this.#settings;
    if (access === 'off') return () => {};
    const { pluginId } = plugin;
    let kept: KeptDocument | undefined;
    const write = async ([routes]: readonly PluginRoutes[]) => {
      const { pluginDocument } = await import('./api-document.js');
      return pluginDocument(routes!, baseUrl);
    };
    const handle = async (request: PluginRequest): Promise<void> => {
      refuseWriting(request);
      if (access === 'protected') await plugin.admit(request);
      kept ??= new KeptDocument(write);
      (await kept.of([{ pluginId, routes: plugin.routes() }])).send(request, this.#headers);
    };
    const removeEndpoint = this.#router.addEndpoint({ pluginId, path: documentPath, handle });
    this.#plugins.set(pluginId, plugin);
    return () => {
      removeEndpoint();
      if (this.#plugins.get(pluginId) === plugin) this.#plugins.delete(pluginId);
    };
  }

  [pluginView]({ pluginId }: Viewer): OpenApiService {
    const add = (plugin: DescribedPlugin): (() => void) => {
      if (plugin.pluginId !== pluginId) throw foreign(pluginId, plugin.pluginId);
      return this.add(plugin);
    };
    return Object.freeze({ add });
  }

  get #headers(): Record<string, string> {
    return this.#settings.access === 'public'
      ? { 'Cache-Control': 'no-cache' }
      : { 'Cache-Control': 'private, no-cache', Vary: 'Authorization' };
  }

  async #answerWhole(request: PluginRequest): Promise<void> {
    refuseWriting(request);
    const plugins = this.#settings.access === 'public' ? [...this.#plugins.values()] : await this.#knowing(request);
    const described = plugins.map(plugin => ({ pluginId: plugin.pluginId, routes: plugin.routes() }));
    (await this.#whole.of(described)).send(request, this.#headers);
  }

  /** The plugins that know the caller, who learns nothing of the others. */
  async #knowing(request: PluginRequest): Promise<DescribedPlugin[]> {
    const found: DescribedPlugin[] = [];
    let refusal: unknown;
    for (const plugin of this.#plugins.values()) {
      try {
        await plugin.admit(request);
        found.push(plugin);
      } catch (error) {
        if (!HttpError.is(error)) throw error;
        refusal ??= error;
      }
    }
    if (found.length === 0) throw refusal ?? new UnauthenticatedError();
    return found;
  }
}

function foreign(own: string, pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'FOREIGN_MOUNT',
    message: `Plugin '${own}' cannot describe plugin '${pluginId}'`,
    path: [`in plugin '${own}'`],
    fix: `describe '${own}', or nothing.`,
  });
}
