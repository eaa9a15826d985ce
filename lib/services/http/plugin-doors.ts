import type { BackendStatusService } from '../../api/backend-status-service.js';
import type { PluginEndpoint, PluginMount } from '../../api/http-services.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { NotFoundError } from '../../errors/http-error.js';
import type { Exchange } from './exchange.js';
import { PluginDoor, type WaitingRoom } from './plugin-door.js';
import { badPath } from './request-target.js';
import { StartWaits } from './start-waits.js';

const prefix = '/api/';

/** The ways to all plugins. */
export class PluginDoors {
  readonly #doors = new Map<string, PluginDoor>();
  readonly #status: BackendStatusService;
  readonly #room: WaitingRoom;
  readonly #waits: StartWaits;

  constructor(status: BackendStatusService, room: Omit<WaitingRoom, 'taken'>) {
    this.#status = status;
    this.#room = { ...room, taken: 0 };
    this.#waits = new StartWaits(status);
  }

  mount(mount: PluginMount): void {
    const { pluginId } = mount;
    const door = this.#doors.get(pluginId) ?? this.#add(pluginId);
    if (door.mount) {
      throw new BackplaneError({
        code: 'ROUTE_CONFLICT',
        message: `Plugin '${pluginId}' is mounted already`,
        path: [`in plugin '${pluginId}'`],
        fix: `unmount '${pluginId}' before something else takes its requests.`,
      });
    }
    door.mount = mount;
  }

  unmount(pluginId: string): void {
    const door = this.#doors.get(pluginId);
    if (door) door.mount = undefined;
  }

  addEndpoint(endpoint: PluginEndpoint): () => void {
    return (this.#doors.get(endpoint.pluginId) ?? this.#add(endpoint.pluginId)).addEndpoint(endpoint);
  }

  /** Whether the path is below the plugins' common one. */
  covers(path: string): boolean {
    return path.startsWith(prefix);
  }

  /** The plugin that `path` names by a whole segment; it may not exist. */
  pluginIdOf(path: string): string | undefined {
    if (!this.covers(path)) return undefined;
    const end = path.indexOf('/', prefix.length);
    return end === -1 ? path.slice(prefix.length) : path.slice(prefix.length, end);
  }

  /** Whether a request at `path` may be for another protocol: a plugin says so, or cannot say yet. */
  takesUpgrade(path: string): boolean {
    const pluginId = this.pluginIdOf(path);
    if (pluginId === undefined) return false;
    const door = this.#doors.get(pluginId) ?? (this.#status.plugin(pluginId) && this.#add(pluginId));
    return door?.takesUpgrade(path.slice(prefix.length + pluginId.length) || '/') ?? false;
  }

  /** Passes the request to the plugin that its path names, by the whole segment; throws the error that refuses it. */
  enter(exchange: Exchange): void {
    const { path } = exchange;
    const end = path.indexOf('/', prefix.length);
    const pluginId = end === -1 ? path.slice(prefix.length) : path.slice(prefix.length, end);
    const door = this.#doors.get(pluginId) ?? this.#discover(pluginId);
    exchange.pluginId = pluginId;
    exchange.path = end === -1 ? '/' : path.slice(end);
    door.enter(exchange);
  }

  /** Looks at the plugin's phase again, or at that of all. */
  update(pluginId?: string): void {
    const doors = pluginId === undefined ? this.#doors.values() : [this.#doors.get(pluginId)];
    for (const door of doors) door?.update();
  }

  /** A plugin may be installed and have no routes yet, or never. */
  #discover(pluginId: string): PluginDoor {
    if (this.#status.plugin(pluginId)) return this.#add(pluginId);
    throw pluginId.includes('%') ? badPath() : new NotFoundError();
  }

  #add(pluginId: string): PluginDoor {
    const door = new PluginDoor(pluginId, this.#status, this.#room, this.#waits);
    this.#doors.set(pluginId, door);
    return door;
  }
}
