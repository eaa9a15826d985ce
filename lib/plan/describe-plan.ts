import { describePlace } from '../util/source-place.js';
import { walkDepthFirst } from '../util/depth-first.js';
import { ranks } from '../api/feature.js';
import type { Problem } from '../errors/problem.js';
import { calledPlugins } from './called-plugins.js';
import type { Candidate, Catalogue, Wrapper } from './catalogue.js';
import type { OwnerPlan } from './owner-plan.js';
import type { Plan, PluginPlan } from './plan.js';
import { shownOptions } from './shown-options.js';
import { describeOwner } from './trail.js';
import type { Key, Unit, UnitTable } from './unit.js';

export interface FeatureDescription {
  readonly class: string;
  readonly kind: string;
  readonly rank: string;
  readonly origin: string;
  readonly place?: string;
}

export interface ServiceDescription {
  readonly id: string;
  readonly scope: 'root' | 'plugin';
  readonly multiton: boolean;
  /** Who provides it, as `class SystemClock`; several for a multiton, or where plugins have their own, as `class A in 'catalog'`. */
  readonly providedBy: readonly string[];
  readonly wrappedBy: readonly string[];
  /** Implementations that a stronger one stands in front of. */
  readonly overridden: readonly string[];
  /** Configuration keys that these read besides those of the plugin they are made for. */
  readonly config: readonly string[];
}

export interface OwnerDescription {
  readonly owner: string;
  readonly place?: string;
  readonly privateClasses: readonly string[];
  readonly controllers: readonly string[];
  readonly provides: readonly string[];
  readonly uses: readonly string[];
  /** The plugins that it calls by their clients. */
  readonly calls: readonly string[];
  readonly methods: readonly { readonly decorator: string; readonly method: string; readonly options: unknown }[];
}

export interface PlanDescription {
  readonly features: readonly FeatureDescription[];
  readonly services: readonly ServiceDescription[];
  readonly owners: readonly OwnerDescription[];
  /** What needs what. */
  readonly edges: readonly { readonly from: string; readonly to: string; readonly in: string }[];
  /** What does not keep the backend from starting, but is worth knowing. */
  readonly warnings: readonly Omit<Problem, 'cause'>[];
  /** What is constructed in which order; plugins start at the same time, each in its own order. */
  readonly order: {
    readonly root: readonly string[];
    readonly plugins: Readonly<
      Record<string, { readonly construct: readonly string[]; readonly init: readonly string[] }>
    >;
  };
}

/** The plan as plain data. */
export function describePlan(plan: Plan): PlanDescription {
  const owners = plan.plugins.flatMap(({ plugin, modules }) => [plugin, ...modules]);
  const tables = [
    { in: 'root', units: plan.root },
    ...owners.map(o => ({ in: describeOwner(o.owner), units: o.units })),
  ];
  return {
    features: plan.catalogue.features.map(({ record, rank, origin }) => ({
      class: record.name,
      kind: record.role?.kind ?? 'none',
      rank,
      origin,
      ...placeOf(record.site),
    })),
    services: [...plan.catalogue.ids()]
      .filter(id => plan.catalogue.declarationById(id)?.kind === 'service')
      .map(id => describeService(plan, id)),
    owners: owners.map(owner => describeOwnerPlan(owner, plan.catalogue)),
    edges: tables.flatMap(table => edgesOf(table.in, table.units)),
    warnings: plan.warnings.map(({ code, message, path, fix }) => ({ code, message, path, fix })),
    order: {
      root: orderOf(plan.eagerRoot, plan.root),
      plugins: Object.fromEntries(plan.plugins.map(p => [p.pluginId, pluginOrder(p, plan.root)])),
    },
  };
}

function describeService({ catalogue }: Plan, id: string): ServiceDescription {
  const { scope = 'plugin', multiton = false, creation } = catalogue.declarationById(id) ?? {};
  const sorted = catalogue.candidates(id).toSorted((a, b) => ranks.indexOf(a.rank) - ranks.indexOf(b.rank));
  const general = sorted.filter(({ plugins }) => !plugins);
  const provided = multiton ? sorted : sorted.filter(c => c.plugins || c.rank === general[0]?.rank);
  const wrappers = general[0]?.rank === 'test' ? [] : catalogue.wrappers(id);
  const config = [...provided.map(c => c.creation.config ?? creation?.config), ...wrappers.map(w => w.config)];
  return {
    id,
    scope,
    multiton,
    providedBy: provided.map(nameOfProvider),
    wrappedBy: wrappers.map(nameOfProvider),
    overridden: sorted.filter(c => !provided.includes(c)).map(nameOfProvider),
    config: [...new Set(config.flatMap(keys => keys ?? []))],
  };
}

function nameOfProvider({ record, origin, plugins }: Candidate | Wrapper): string {
  const name = record ? `class ${record.name}` : origin;
  return plugins ? `${name} in ${plugins.map(plugin => `'${plugin}'`).join(', ')}` : name;
}

function describeOwnerPlan(plan: OwnerPlan, catalogue: Catalogue): OwnerDescription {
  return {
    owner: describeOwner(plan.owner),
    ...placeOf(plan.record?.site),
    privateClasses: [...plan.privates.keys()].map(c => c.name),
    controllers: plan.controllers.map(nameOfKey),
    provides: plan.provides,
    uses: plan.uses,
    calls: calledPlugins(plan, catalogue),
    methods: plan.methods.map(({ annotation, options, record }) => ({
      decorator: annotation.decorator,
      method: `${record.name}.${annotation.method}`,
      options: shownOptions(annotation.service, options),
    })),
  };
}

function edgesOf(place: string, units: UnitTable): PlanDescription['edges'] {
  return [...units.own()].flatMap(unit =>
    unit.dependencies
      .filter(({ absent }) => !absent)
      .map(({ key }) => ({ from: unit.title, to: units.find(key)?.title ?? nameOfKey(key), in: place })),
  );
}

/** Depth first, as the containers do it. */
function orderOf(keys: readonly Key[], units: UnitTable, done = new Set<Unit>(), outside?: UnitTable): string[] {
  const order: string[] = [];
  walkDepthFirst(keys, {
    enter(key) {
      const unit = outside?.has(key) ? undefined : units.find(key);
      if (!unit || done.has(unit)) return undefined;
      done.add(unit);
      return unit.dependencies.filter(({ absent }) => !absent).map(dependency => dependency.key);
    },
    leave: key => order.push(units.find(key)!.title),
  });
  return order;
}

function pluginOrder({ plugin, modules, services, eager }: PluginPlan, root: UnitTable) {
  const done = new Set<Unit>();
  const ofOwner = ({ units, main, controllers, extensionPoints, methods }: OwnerPlan) =>
    orderOf(
      [...extensionPoints, ...(main ? [main.key] : []), ...controllers, ...methods.map(m => m.receiver.key)],
      units,
      done,
      root,
    );
  const construct = [...orderOf(eager, services, done, root), ...modules.flatMap(ofOwner), ...ofOwner(plugin)];
  const init = [...modules, plugin].filter(o => o.main).map(o => describeOwner(o.owner));
  return { construct, init };
}

function nameOfKey(key: Key): string {
  return typeof key === 'function' ? `class ${key.name}` : String(key);
}

function placeOf(site: Parameters<typeof describePlace>[0]): { place?: string } {
  const place = describePlace(site);
  return place ? { place } : {};
}
