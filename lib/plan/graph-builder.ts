import type { ConfigSection } from '../../decorators/config-of.js';
import type { Scope } from '../../decorators/tokens.js';
import { ranks } from '../api/feature.js';
import type { ClassRecord } from '../api/class-record.js';
import type { Problem } from '../errors/problem.js';
import type { Candidate, Catalogue, Wrapper } from './catalogue.js';
import { checkCreate } from './checks/creation.js';
import { duplicateImplementation } from './checks/duplicates.js';
import type { ExtensionPointIndex, ProvidedExtensionPoint } from './extension-points.js';
import { addExtensionPoint } from './add-extension-point.js';
import { resolveParameters, resolveTokens, type Requester } from './resolve-parameters.js';
import { describeOwner, type Report, trailOf } from './trail.js';
import { UntypedClasses } from './untyped-classes.js';
import { type Dependency, type Key, type Owner, type Recipe, UnitTable } from './unit.js';

export type ReadSection = (
  section: ConfigSection,
) => { readonly value: object } | { readonly problems: readonly Problem[] };

/**
 * Turns services into units: which implementation stands for an id, what wraps it, and what each class needs.
 *
 * Plugin services that are the same in every plugin have one unit for all; a plugin that gets something else has
 * units of its own in front of those.
 */
export class GraphBuilder {
  readonly root = new UnitTable();
  readonly shared = new UnitTable(this.root);
  readonly catalogue: Catalogue;
  readonly extensionPoints: ExtensionPointIndex;
  readonly readSection: ReadSection;
  readonly report: Report;
  readonly untyped: UntypedClasses;
  /** What is left to look at. A stack of calls would not do: a chain of dependencies is as long as its author likes. */
  readonly #left: (() => void)[] = [];
  readonly #requesters = new Map<string, Requester>();
  #isUniform = true;
  readonly #special = new Map<string, Set<string>>();

  constructor(catalogue: Catalogue, extensionPoints: ExtensionPointIndex, readSection: ReadSection, report: Report) {
    this.catalogue = catalogue;
    this.extensionPoints = extensionPoints;
    this.readSection = readSection;
    this.report = report;
    this.untyped = new UntypedClasses(report);
    for (const id of catalogue.ids()) {
      if (catalogue.declarationById(id)?.scope === 'root') continue;
      const filters = [...catalogue.candidates(id), ...catalogue.wrappers(id)];
      this.#isUniform &&= filters.every(({ plugins }) => !plugins);
      for (const pluginId of filters.flatMap(({ plugins }) => plugins ?? [])) {
        this.#special.set(pluginId, (this.#special.get(pluginId) ?? new Set()).add(id));
      }
    }
  }

  /** Looks at something once all that was met before has been looked at: until {@link settle}, it is not there. */
  later(look: () => void): void {
    this.#left.push(look);
  }

  /** Looks at all that was left for later, and at what that leads to. */
  settle(): void {
    for (const look of this.#left) look();
    this.#left.length = 0;
  }

  /** Every service that is provided, so that what nobody needs is checked as well. */
  addAllServices(): void {
    for (const id of this.catalogue.ids()) this.addService(id);
    this.settle();
  }

  /** The plugin services of one plugin. */
  servicesOf(pluginId: string): UnitTable {
    const special = this.#special.get(pluginId);
    if (!special) return this.shared;
    const table = new UnitTable(this.shared);
    for (const id of special) this.#build(id, table, pluginId);
    return table;
  }

  /** Makes the units of a service that is the same for all; nothing where it has no implementation. */
  addService(id: string): void {
    const declaration = this.catalogue.declarationById(id);
    if (declaration?.kind !== 'service') return;
    const table = declaration.scope === 'root' ? this.root : this.shared;
    if (!table.has(id)) this.#build(id, table, undefined);
  }

  /** The services of a scope, as one plugin has them, that are constructed when it starts, needed or not. */
  eager(scope: Scope, pluginId?: string): string[] {
    const ids = [...this.catalogue.ids()].filter(id => this.catalogue.declarationById(id)?.scope === scope);
    return ids.filter(id => {
      const { creation, multiton } = this.catalogue.declarationById(id)!;
      const candidates = this.#candidatesFor(id, pluginId);
      const isEager = (c: Candidate | undefined) => c && (c.creation.eager ?? creation.eager ?? scope === 'root');
      if (multiton) return candidates.some(isEager);
      // What a test puts in the place of something is made when that would have been.
      return isEager(strongestOf(candidates.filter(c => c.rank !== 'test'))[0] ?? candidates[0]);
    });
  }

  /** Keeps on whose behalf an owner asks, for what is made at it later. */
  remember(owner: Owner, requester: Requester): void {
    this.#requesters.set(describeOwner(owner), requester);
  }

  /** Makes the instance of an extension point that one module gets for itself. */
  addPerModule(point: ProvidedExtensionPoint, key: Key, moduleId: string): void {
    const requester = this.#requesters.get(describeOwner(point.owner));
    if (!requester) return;
    const moduleContext = Symbol(`context of module ${moduleId}`);
    const recipe = { by: 'module-context' as const, moduleId };
    requester.table.add({ key: moduleContext, title: `module '${moduleId}'`, recipe, dependencies: [] });
    const own = Symbol(`${point.record.name} for ${moduleId}`);
    this.later(() => addExtensionPoint(point, key, { ...requester, moduleContext }, this, own));
  }

  /** Whether anything implements `id` in the given plugin, or in all of them. */
  provides(id: string, pluginId: string | undefined): boolean {
    const declaration = this.catalogue.declarationById(id);
    return declaration?.multiton === true || this.#candidatesFor(id, pluginId).length > 0;
  }

  /** Whether every plugin finds what any other finds. */
  get isUniform(): boolean {
    return this.#isUniform;
  }

  #candidatesFor(id: string, pluginId: string | undefined): Candidate[] {
    return this.catalogue.candidates(id).filter(candidate => this.#fits(candidate, pluginId));
  }

  /** A root service is the same for all, whatever its author says; that is reported elsewhere. */
  #fits({ id, plugins }: Candidate | Wrapper, pluginId: string | undefined): boolean {
    if (!plugins || this.catalogue.declarationById(id)?.scope === 'root') return true;
    return pluginId !== undefined && plugins.includes(pluginId);
  }

  #build(id: string, table: UnitTable, pluginId: string | undefined): void {
    const declaration = this.catalogue.declarationById(id)!;
    const candidates = this.#candidatesFor(id, pluginId);
    if (declaration.multiton) return this.#buildCollection(id, candidates, table);
    const chosen = this.#choose(candidates);
    if (!chosen) return;
    const wrappers = chosen.rank === 'test' ? [] : this.#wrappersFor(id, pluginId);
    const keys: Key[] = [...wrappers.map((_, depth) => Symbol(`${id} inside ${depth + 1}`)), id];
    // The key is taken before its dependencies are looked at, so that a cycle ends here.
    table.add({ key: id, title: `service '${id}'`, recipe: { by: 'collection' }, dependencies: [] });
    this.later(() => this.#addImplementation(keys[0]!, chosen, table));
    wrappers.forEach((wrapper, depth) =>
      this.later(() => this.#addWrapper(keys[depth + 1]!, wrapper, keys[depth]!, table)),
    );
  }

  #wrappersFor(id: string, pluginId: string | undefined): Wrapper[] {
    return this.catalogue.wrappers(id).filter(wrapper => this.#fits(wrapper, pluginId));
  }

  #buildCollection(id: string, candidates: readonly Candidate[], table: UnitTable): void {
    const test = candidates.filter(c => c.rank === 'test');
    const given = candidates.filter(c => c.rank !== 'declaration');
    const members = test.length > 0 ? test : given.length > 0 ? given : candidates;
    const order: readonly string[] = ['framework', 'declaration', 'features', 'loader', 'scan', 'test'];
    const sorted = members.toSorted((a, b) => order.indexOf(a.rank) - order.indexOf(b.rank));
    const keys = sorted.map((_, index) => Symbol(`${id}[${index}]`));
    const dependencies = keys.map(key => ({ key }));
    table.add({ key: id, title: `service '${id}'`, recipe: { by: 'collection' }, dependencies });
    sorted.forEach((candidate, index) => this.later(() => this.#addImplementation(keys[index]!, candidate, table)));
  }

  /** One of the strongest is the implementation; several are a problem. */
  #choose(candidates: readonly Candidate[]): Candidate | undefined {
    const [chosen, ...others] = strongestOf(candidates);
    if (chosen && others.length > 0) this.report(duplicateImplementation([chosen, ...others]));
    return chosen;
  }

  #addImplementation(key: Key, candidate: Candidate, table: UnitTable): void {
    const { id, record, recipe, tokens, creation, site } = candidate;
    const declaration = this.catalogue.declarationById(id)!;
    const title = record ? `service '${id}' (class ${record.name})` : `service '${id}'`;
    const configKeys = creation.config ?? declaration.creation.config ?? [];
    const trusted = candidate.rank === 'framework';
    const requester = { ...this.#requesterFor(id, record, table), configKeys, trusted };
    if (record && recipe.by === 'create') checkCreate(record, requester.trail, this.report);
    const dependencies = tokens
      ? resolveTokens(tokens, record ? `create() of class ${record.name}` : 'the factory', requester, this)
      : record && recipe.by === 'constructor'
        ? resolveParameters(record, requester, this)
        : [];
    const retry = creation.retry ?? declaration.creation.retry;
    table.add({ key, title, recipe, dependencies, site, retry });
  }

  #addWrapper(key: Key, { id, record, config = [] }: Wrapper, inner: Key, table: UnitTable): void {
    const requester = { ...this.#requesterFor(id, record, table), configKeys: config };
    table.add({
      key,
      title: `service '${id}' (wrapper ${record.name})`,
      recipe: { by: 'constructor', target: record.target },
      dependencies: resolveParameters(record, requester, this, inner),
      site: record.site,
    });
  }

  #requesterFor(id: string, record: ClassRecord | undefined, table: UnitTable): Requester {
    const owner = { kind: 'service' as const, id };
    const { scope } = this.catalogue.declarationById(id)!;
    const trail = trailOf(owner, record?.site ?? this.catalogue.declarationById(id)!.site);
    return { owner, scope, table, trail, privates: new Map() };
  }
}

/** Those of the first rank that has any; of these, those meant for this plugin before those for all. */
function strongestOf(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const first = ranks.find(rank => candidates.some(c => c.rank === rank));
  const ofRank = candidates.filter(c => c.rank === first);
  const specific = ofRank.filter(c => c.plugins);
  return specific.length > 0 ? specific : ofRank;
}

/** The recipe and dependencies of something that a test may have overridden. */
export interface Making {
  readonly recipe: Recipe;
  readonly dependencies: readonly Dependency[];
}
