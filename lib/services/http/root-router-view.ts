import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  RootHttpRouterService,
  type MountableMiddleware,
  type PluginEndpoint,
  type PluginMount,
  type RootEndpoint,
} from '../../api/http-services.js';
import type { Viewer } from '../../api/plugin-view.js';
import { BackplaneError } from '../../errors/backplane-error.js';

/** What one plugin is given of the root router: it mounts itself, and what it uses is its own and ends with it. */
export class RootRouterView extends RootHttpRouterService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #root: RootHttpRouterService;
  readonly #viewer: Viewer;
  readonly #use: (path: string, middleware: MountableMiddleware) => void;

  constructor(
    root: RootHttpRouterService,
    viewer: Viewer,
    use: (path: string, middleware: MountableMiddleware) => void,
  ) {
    super();
    this.#root = root;
    this.#viewer = viewer;
    this.#use = use;
    Object.freeze(this);
  }

  override get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#root.address;
  }

  override get url(): string | undefined {
    return this.#root.url;
  }

  override get internalUrl(): string | undefined {
    return this.#root.internalUrl;
  }

  override get handler(): RootHttpRouterService['handler'] {
    return this.#root.handler;
  }

  override handleLocal(req: IncomingMessage, res: ServerResponse): void {
    this.#root.handleLocal(req, res, this.#viewer.pluginId);
  }

  override use(path: string, middleware: MountableMiddleware): void {
    this.#use(path, middleware);
  }

  override mount(mount: PluginMount): void {
    this.#refuseForeign(mount.pluginId);
    this.#root.mount(mount);
  }

  override unmount(pluginId: string): void {
    this.#refuseForeign(pluginId);
    this.#root.unmount(pluginId);
  }

  override addEndpoint(endpoint: PluginEndpoint): () => void {
    this.#refuseForeign(endpoint.pluginId);
    return this.#root.addEndpoint(endpoint);
  }

  override addRootEndpoint(endpoint: RootEndpoint): void {
    const { pluginId } = this.#viewer;
    throw new BackplaneError({
      code: 'FOREIGN_MOUNT',
      message: `Plugin '${pluginId}' cannot answer '${endpoint.path}', which is the framework's`,
      path: [`in plugin '${pluginId}'`],
      fix: 'answer at a path of your own with use().',
    });
  }

  #refuseForeign(pluginId: string): void {
    const { pluginId: own } = this.#viewer;
    if (pluginId === own) return;
    throw new BackplaneError({
      code: 'FOREIGN_MOUNT',
      message: `Plugin '${own}' cannot take the requests of plugin '${pluginId}'`,
      path: [`in plugin '${own}'`],
      fix: `mount '${own}', or answer at a path of your own with use().`,
    });
  }
}
