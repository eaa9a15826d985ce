import { ranks } from '../api/feature.js';
import type { Class } from '../../decorators/tokens.js';
import { walkDepthFirst } from '../util/depth-first.js';
import type { Plan, PluginPlan } from './plan.js';
import type { Key, UnitTable } from './unit.js';

/** Who will use what the framework implements. */
export interface Demand {
  /** All plugins. */
  readonly plugins: readonly string[];
  /** The plugins that ask for a service, by themselves, a module or a service of theirs, and get the framework's own. */
  askersOf(serviceId: string): readonly string[];
  /** What the annotations say that such a service takes, each with the plugin it is of. */
  annotated(serviceId: string): readonly { readonly pluginId: string; readonly options: unknown }[];
}

/** What a service of the framework asks for in turn does not count: it is not always used. */
export function demandOf({ catalogue, plugins }: Plan, ownServices: readonly Class[]): Demand {
  const isOwn = (serviceId: string, pluginId: string): boolean => {
    const fitting = catalogue.candidates(serviceId).filter(c => !c.plugins || c.plugins.includes(pluginId));
    return fitting.toSorted((a, b) => ranks.indexOf(a.rank) - ranks.indexOf(b.rank))[0]?.rank === 'framework';
  };
  const asking = new Map(plugins.map(plugin => [plugin.pluginId, keysAsked(plugin, new Set(ownServices))]));
  return {
    plugins: [...asking.keys()],
    askersOf: serviceId =>
      [...asking].filter(([id, keys]) => keys.has(serviceId) && isOwn(serviceId, id)).map(([id]) => id),
    annotated: serviceId =>
      plugins
        .filter(({ pluginId }) => isOwn(serviceId, pluginId))
        .flatMap(({ pluginId, plugin, modules }) =>
          [plugin, ...modules].flatMap(({ methods }) =>
            methods
              .filter(({ annotation }) => annotation.service === serviceId)
              .map(({ options }) => ({ pluginId, options })),
          ),
        ),
  };
}

function keysAsked({ plugin, modules, services, eager }: PluginPlan, ownServices: ReadonlySet<Class>): Set<Key> {
  const asked = new Set<Key>();
  const walk = (keys: readonly Key[], units: UnitTable): void =>
    walkDepthFirst(keys, {
      enter(key) {
        const unit = asked.has(key) ? undefined : units.find(key);
        asked.add(key);
        if (!unit || ('target' in unit.recipe && ownServices.has(unit.recipe.target))) return undefined;
        return unit.dependencies.filter(({ absent }) => !absent).map(dependency => dependency.key);
      },
    });
  walk(eager, services);
  for (const { units, methods } of [plugin, ...modules]) {
    walk([...[...units.own()].map(({ key }) => key), ...methods.map(({ receiver }) => receiver.key)], units);
  }
  return asked;
}
