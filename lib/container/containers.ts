import { Container } from 'inversify';
import type { Token } from '../../decorators/tokens.js';
import { runOnNoAccount } from '../api/attribution.js';
import { pluginView, type PluginViewable } from '../api/plugin-view.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { OwnerPlan } from '../plan/owner-plan.js';
import type { Plan, PluginPlan } from '../plan/plan.js';
import type { Key, Unit } from '../plan/unit.js';
import type { Held, Provided } from './construct.js';
import { ConstructionLog } from './construction-log.js';
import { facadeOf } from './facade.js';
import { Scope } from './scope.js';

export interface ModuleFailure {
  readonly moduleId: string;
  readonly error: unknown;
}

/** What the backend itself provides to one plugin. */
export interface PluginProvisions {
  readonly service: (id: string) => unknown;
  readonly onModuleFailure: (failure: ModuleFailure) => void;
}

/** Root services that were made before the plan was, for feature loaders, and where those made later are noted. */
export interface RootInstances {
  readonly services: ReadonlyMap<string, unknown>;
  readonly log: ConstructionLog;
}

/**
 * The containers of a backend.
 *
 * The root container holds the root services and is constructed from only here. Plugin containers descend from a bridge
 * that knows nothing but the ids of root services, and gives facades of them: no plugin's binding can get into a root
 * service, and nothing a plugin does to its container reaches another's.
 */
export class BackendContainers {
  readonly root: Scope;
  readonly rootLog: ConstructionLog;
  readonly #plan: RootPlan;
  readonly #bridge = new Container();

  constructor(plan: RootPlan, provided: ReadonlyMap<string, unknown>, made: RootInstances) {
    this.#plan = plan;
    this.rootLog = made.log;
    this.root = new Scope({
      title: 'the backend',
      container: new Container(),
      units: plan.root,
      owns: key => plan.root.has(key),
      provide: recipe => ({ value: recipe.by === 'backend' ? provided.get(recipe.id) : undefined }),
      // Whichever plugin is the first to need a root service, that is not its doing.
      run: runOnNoAccount,
      log: this.rootLog,
    });
    for (const [id, instance] of made.services) if (plan.root.has(id)) this.root.adopt(id, instance);
    // All at once: to bind in a container with a thousand descendants costs a walk over them.
    for (const unit of plan.root.own()) {
      if (typeof unit.key === 'string')
        this.#bridge.bind<Held>(unit.key).toDynamicValue(this.#bridgeTo(unit.key, unit));
    }
  }

  openPlugin(plan: PluginPlan, provisions: PluginProvisions): PluginScopes {
    return new PluginScopes(plan, { root: this.root, rootPlan: this.#plan, bridge: this.#bridge, provisions });
  }

  #bridgeTo(id: string, unit: Unit): () => Held {
    const token = this.#plan.catalogue.declarationById(id)?.token;
    let held: Held | undefined;
    return () => (held ??= { value: this.#shown(unit, token) });
  }

  /** A value that a test gave is passed on as it is: the test wants to find its own object again. */
  #shown({ key, recipe, dependencies }: Unit, token: Token | undefined): unknown {
    if (recipe.by !== 'collection')
      return recipe.by === 'value' ? this.root.get(key) : facadeOf(this.root.get(key), { token });
    return Object.freeze(dependencies.map(member => this.#shown(this.#plan.root.find(member.key)!, token)));
  }
}

/** What is known of the root services. */
export type RootPlan = Pick<Plan, 'root' | 'catalogue'>;

interface Surroundings {
  readonly root: Scope;
  readonly rootPlan: RootPlan;
  readonly bridge: Container;
  readonly provisions: PluginProvisions;
}

/** The containers of one plugin: its scoped services, and below them the plugin's own and one for each module. */
export class PluginScopes {
  readonly services: Scope;
  readonly plugin: Scope;
  readonly log = new ConstructionLog();
  readonly #modules = new Map<string, Scope>();
  readonly #tokenOf: (id: string) => Token | undefined;
  #closed = false;

  constructor(plan: PluginPlan, { root, rootPlan, bridge, provisions }: Surroundings) {
    this.#tokenOf = id => rootPlan.catalogue.declarationById(id)?.token;
    const container = new Container({ parent: bridge });
    this.services = new Scope({
      title: `plugin '${plan.pluginId}'`,
      container,
      units: plan.services,
      owns: key => !rootPlan.root.has(key) && plan.services.find(key) !== undefined,
      parent: root,
      above: { get: key => bridge.get<Held>(key as string).value },
      provide: recipe => ({ value: recipe.by === 'backend' ? provisions.service(recipe.id) : undefined }),
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
      title:
        'moduleId' in plan.owner ? `module '${plan.owner.moduleId}' of plugin '${pluginId}'` : `plugin '${pluginId}'`,
      container,
      units: plan.units,
      owns: key => plan.units.has(key),
      parent: this.services,
      above: this.services,
      provide: recipe => this.#provide(recipe, provisions),
      view: (service, key) => {
        views ??= new Map();
        if (!views.has(key)) views.set(key, this.#viewOf(service, key, plan));
        return views.get(key);
      },
      log: this.log,
    });
  }

  #provide(recipe: Provided, { onModuleFailure }: PluginProvisions): Held | Promise<Held> {
    if (recipe.by === 'backend') return { value: undefined };
    const { moduleId } = recipe;
    if (recipe.by === 'module-context') {
      return {
        value: Object.freeze({
          moduleId,
          fail: (error: unknown) => onModuleFailure({ moduleId: recipe.moduleId, error }),
        }),
      };
    }
    const { id, key } = recipe;
    const provider = moduleId === undefined ? this.plugin : this.#modules.get(moduleId)!;
    const guard = () => this.#refuseIfClosed(id);
    const give = () => ({ value: facadeOf(provider.get(key), { token: this.#tokenOf(id), guard }) });
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

  /** A view that can be disposed ends with the plugin. */
  #viewOf(service: unknown, key: Key, { owner: { pluginId }, configKeys }: OwnerPlan): unknown {
    if (typeof service !== 'object' || service === null || !(pluginView in service)) return service;
    const view = (service as PluginViewable<unknown>)[pluginView]({ pluginId, configKeys });
    this.log.add({ title: `view of service '${String(key)}'`, instance: view });
    return view;
  }
}
