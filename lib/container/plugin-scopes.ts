import { Container } from 'inversify';
import type { Token } from '../../decorators/tokens.js';
import type { ModuleContext } from '../api/module-context.js';
import { pluginView, type PluginViewable } from '../api/plugin-view.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { OwnerPlan } from '../plan/owner-plan.js';
import type { Plan, PluginPlan } from '../plan/plan.js';
import type { Key } from '../plan/unit.js';
import type { Held, Provided } from './construct.js';
import { ConstructionLog } from './construction-log.js';
import { facadeOf } from './facade.js';
import { BoundInstances, type Instances } from './instances.js';
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

/** What is known of the root services. */
export type RootPlan = Pick<Plan, 'root' | 'catalogue'>;

interface Surroundings {
  readonly root: Scope;
  readonly rootPlan: RootPlan;
  readonly bridge: Container;
  readonly provisions: PluginProvisions;
}

/** The scopes of one plugin: its scoped services, and below them the plugin's own and one for each module. */
export class PluginScopes {
  readonly services: Scope;
  readonly plugin: Scope;
  readonly log = new ConstructionLog();
  readonly #modules = new Map<string, Scope>();
  readonly #tokenOf: (id: string) => Token | undefined;
  readonly #pluginId: string;
  /** By the configuration keys that are shown, then by service. */
  #views: Map<readonly string[], Map<Key, unknown>> | undefined;
  #closed = false;

  constructor(plan: PluginPlan, { root, rootPlan, bridge, provisions }: Surroundings) {
    this.#pluginId = plan.pluginId;
    this.#tokenOf = id => rootPlan.catalogue.declarationById(id)?.token;
    // Without modules there is nobody to hide anything from, and a container costs more than a small plugin (ADR 12).
    const container = plan.modules.length > 0 ? new Container({ parent: bridge }) : undefined;
    const below = () => (container ? new BoundInstances(new Container({ parent: container })) : new Map());
    this.services = new Scope({
      title: `plugin '${plan.pluginId}'`,
      instances: container ? new BoundInstances(container) : new Map(),
      units: plan.services,
      owns: key => !rootPlan.root.has(key) && plan.services.find(key) !== undefined,
      parent: root,
      above: { get: key => bridge.get<Held>(key as string).value },
      provide: recipe => ({ value: recipe.by === 'backend' ? provisions.service(recipe.id) : undefined }),
      view: this.#view,
      log: this.log,
    });
    this.plugin = this.#scopeOf(plan.plugin, below(), provisions);
    for (const module of plan.modules) {
      if (!('moduleId' in module.owner)) continue;
      this.#modules.set(module.owner.moduleId, this.#scopeOf(module, below(), provisions));
    }
  }

  module(moduleId: string): Scope | undefined {
    return this.#modules.get(moduleId);
  }

  /** What is being made for the plugin and its modules, and is waited for. */
  inTheMaking(): string[] {
    const scopes = [this.plugin, ...this.#modules.values()];
    return [...new Set(scopes.flatMap(scope => scope.inTheMaking()))];
  }

  /** From now on modules cannot use extension points any more. */
  closeExtensionPoints(): void {
    this.#closed = true;
  }

  #scopeOf(plan: OwnerPlan, instances: Instances, provisions: PluginProvisions): Scope {
    const { owner } = plan;
    const title = `${'moduleId' in owner ? `module '${owner.moduleId}' of ` : ''}plugin '${owner.pluginId}'`;
    return new Scope({
      title,
      instances,
      units: plan.units,
      owns: key => plan.units.has(key),
      parent: this.services,
      above: this.services,
      provide: recipe => this.#provide(recipe, title, provisions),
      view: this.#view,
      log: this.log,
    });
  }

  #provide(recipe: Provided, owner: string, { onModuleFailure }: PluginProvisions): Held | Promise<Held> {
    if (recipe.by === 'backend') return { value: undefined };
    if (recipe.by === 'module-context') return { value: contextOf(recipe.moduleId, onModuleFailure) };
    const { id, key, moduleId } = recipe;
    const provider = moduleId === undefined ? this.plugin : this.#modules.get(moduleId)!;
    const guard = () => {
      if (this.#closed) throw extensionPointClosed(id, owner);
    };
    const give = () => ({ value: facadeOf(provider.get(key), { token: this.#tokenOf(id), guard }) });
    return provider.ensure(key)?.then(give) ?? give();
  }

  /** A view that can be disposed ends with the plugin. */
  readonly #view = (service: unknown, key: Key, configKeys: readonly string[]): unknown => {
    if (typeof service !== 'object' || service === null || !(pluginView in service)) return service;
    this.#views ??= new Map();
    const views = this.#views.get(configKeys) ?? new Map<Key, unknown>();
    this.#views.set(configKeys, views);
    const known = views.get(key);
    if (known !== undefined) return known;
    const view = (service as PluginViewable<unknown>)[pluginView]({ pluginId: this.#pluginId, configKeys });
    views.set(key, view);
    this.log.add({ title: `view of service '${String(key)}'`, instance: view });
    return view;
  };
}

function contextOf(moduleId: string, onModuleFailure: PluginProvisions['onModuleFailure']): ModuleContext {
  return Object.freeze({ moduleId, fail: (error: unknown) => onModuleFailure({ moduleId, error }) });
}

function extensionPointClosed(id: string, owner: string): BackplaneError {
  return new BackplaneError({
    code: 'EXTENSION_POINT_CLOSED',
    message: `Extension point '${id}' is closed: its plugin has started`,
    path: [`in ${owner}`],
    fix: 'use extension points in init() of the module, not later.',
  });
}
