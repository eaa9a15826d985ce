import { Container } from 'inversify';
import type { Token } from '../../decorators/tokens.js';
import { runOnNoAccount } from '../api/attribution.js';
import type { PluginPlan } from '../plan/plan.js';
import type { Unit } from '../plan/unit.js';
import type { Held } from './construct.js';
import type { ConstructionLog } from './construction-log.js';
import { facadeOf } from './facade.js';
import { BoundInstances } from './instances.js';
import { type PluginProvisions, PluginScopes, type RootPlan } from './plugin-scopes.js';
import { Scope } from './scope.js';

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
      instances: new BoundInstances(new Container()),
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
