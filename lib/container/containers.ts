import { Container } from 'inversify';
import { pluginView, type PluginViewable } from '../api/plugin-view.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { OwnerPlan } from '../plan/owner-plan.js';
import type { Plan, PluginPlan } from '../plan/plan.js';
import type { Key, Recipe } from '../plan/unit.js';
import { facadeOf } from './facade.js';
import type { Held } from './construct.js';
import { type Constructed, Scope } from './scope.js';

export interface ModuleFailure {
  readonly moduleId: string;
  readonly error: unknown;
}

/** What the backend itself provides to one plugin. */
export interface PluginProvisions {
  readonly service: (id: string) => unknown;
  readonly onModuleFailure: (failure: ModuleFailure) => void;
}

/** Root services that were made before the plan was, for feature loaders. */
export interface RootInstances {
  readonly services: ReadonlyMap<string, unknown>;
  readonly log: readonly Constructed[];
}

const noInstances: RootInstances = { services: new Map(), log: [] };

/**
 * The containers of a backend.
 *
 * The root container holds the root services and is constructed from only here. Plugin containers descend from a bridge
 * that knows nothing but the ids of root services, and gives facades of them: no plugin's binding can get into a root
 * service, and nothing a plugin does to its container reaches another's.
 */
export class BackendContainers {
  readonly root: Scope;
  readonly rootLog: Constructed[] = [];
  readonly #plan: Pick<Plan, 'root'>;
  readonly #bridge = new Container();

  constructor(plan: Pick<Plan, 'root'>, provided: ReadonlyMap<string, unknown>, made: RootInstances = noInstances) {
    this.#plan = plan;
    this.root = new Scope({
      title: 'the backend',
      container: new Container(),
      units: plan.root,
      owns: key => plan.root.has(key),
      provide: recipe => (recipe.by === 'backend' ? provided.get(recipe.id) : undefined),
      log: this.rootLog,
    });
    this.rootLog.push(...made.log);
    for (const [id, instance] of made.services) if (plan.root.has(id)) this.root.adopt(id, instance);
    // All at once: to bind in a container with a thousand descendants costs a walk over them.
    for (const { key, recipe } of plan.root.own()) {
      if (typeof key === 'string') this.#bridge.bind<Held>(key).toDynamicValue(this.#bridgeTo(key, recipe));
    }
  }

  openPlugin(plan: PluginPlan, provisions: PluginProvisions): PluginScopes {
    return new PluginScopes(plan, { root: this.root, rootUnits: this.#plan.root, bridge: this.#bridge, provisions });
  }

  /** A value that a test gave is passed on as it is: the test wants to find its own object again. */
  #bridgeTo(key: Key, recipe: Recipe): () => Held {
    let held: Held | undefined;
    return () => {
      const value = this.root.get(key);
      return (held ??= { value: recipe.by === 'value' ? value : facadeOf(value) });
    };
  }
}

interface Surroundings {
  readonly root: Scope;
  readonly rootUnits: { has(key: Key): boolean };
  readonly bridge: Container;
  readonly provisions: PluginProvisions;
}

/** The containers of one plugin: its scoped services, and below them the plugin's own and one for each module. */
export class PluginScopes {
  readonly services: Scope;
  readonly plugin: Scope;
  readonly log: Constructed[] = [];
  readonly #modules = new Map<string, Scope>();
  #closed = false;

  constructor(plan: PluginPlan, { root, rootUnits, bridge, provisions }: Surroundings) {
    const container = new Container({ parent: bridge });
    this.services = new Scope({
      title: `plugin '${plan.pluginId}'`,
      container,
      units: plan.services,
      owns: key => !rootUnits.has(key) && plan.services.find(key) !== undefined,
      parent: root,
      above: { get: key => bridge.get<Held>(key as string).value },
      provide: recipe => (recipe.by === 'backend' ? provisions.service(recipe.id) : undefined),
      log: this.log,
    });
    // A plugin without modules has no siblings to hide from, and a container costs more than a small plugin's services.
    const own = plan.modules.length > 0 ? new Container({ parent: container }) : container;
    this.plugin = this.#scopeOf(plan.plugin, own, provisions);
    for (const module of plan.modules) {
      if (!('moduleId' in module.owner)) continue;
      this.#modules.set(module.owner.moduleId, this.#scopeOf(module, new Container({ parent: container }), provisions));
    }
  }

  module(moduleId: string): Scope | undefined {
    return this.#modules.get(moduleId);
  }

  /** From now on modules cannot use extension points any more. */
  closeExtensionPoints(): void {
    this.#closed = true;
  }

  #scopeOf(plan: OwnerPlan, container: Container, provisions: PluginProvisions): Scope {
    const { pluginId } = plan.owner;
    let views: Map<Key, unknown> | undefined;
    return new Scope({
      title: 'moduleId' in plan.owner ? `module '${plan.owner.moduleId}' of plugin '${pluginId}'` : `plugin '${pluginId}'`,
      container,
      units: plan.units,
      owns: key => plan.units.has(key),
      parent: this.services,
      above: this.services,
      provide: recipe => this.#provide(recipe, provisions),
      view: (service, key) => {
        views ??= new Map();
        if (!views.has(key)) views.set(key, viewOf(service, pluginId, plan.configKeys));
        return views.get(key);
      },
      log: this.log,
    });
  }

  #provide(recipe: Recipe, { onModuleFailure }: PluginProvisions): unknown {
    if (recipe.by === 'module-context') {
      const { moduleId } = recipe;
      return Object.freeze({ moduleId, fail: (error: unknown) => onModuleFailure({ moduleId, error }) });
    }
    if (recipe.by !== 'extension-point') return undefined;
    const { id, key, moduleId } = recipe;
    const provider = moduleId === undefined ? this.plugin : this.#modules.get(moduleId)!;
    const give = () => facadeOf(provider.get(key), () => this.#refuseIfClosed(id));
    return provider.ensure(key)?.then(give) ?? give();
  }

  #refuseIfClosed(id: string): void {
    if (!this.#closed) return;
    throw new BackplaneError({
      code: 'EXTENSION_POINT_CLOSED',
      message: `Extension point '${id}' is closed: its plugin has started`,
      path: [`in a module of plugin '${id.split('.', 1)[0]}'`],
      fix: 'use extension points in init() of the module, not later.',
    });
  }
}

function viewOf(service: unknown, pluginId: string, configKeys: readonly string[]): unknown {
  if (typeof service !== 'object' || service === null || !(pluginView in service)) return service;
  return (service as PluginViewable<unknown>)[pluginView]({ pluginId, configKeys });
}
