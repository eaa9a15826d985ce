import type { CreationOptions, PluginOptions } from '../../decorators/annotations.js';
import type { CallSite } from '../../decorators/call-site.js';
import type { Class, Token } from '../../decorators/tokens.js';
import type { ClassReader, ClassRecord } from '../api/class-record.js';
import type { Feature, Rank } from '../api/feature.js';
import type { Problem } from '../errors/problem.js';
import { checkToken } from './checks/tokens.js';
import { declarationOf, selfOf, type Declaration } from './declaration.js';
import type { Override } from './override.js';
import type { Recipe } from './unit.js';

/** One way to provide a service. */
export interface Candidate {
  readonly id: string;
  readonly rank: Rank;
  readonly origin: string;
  /** Only these plugins get it; absent: all. */
  readonly plugins?: readonly string[] | undefined;
  readonly recipe: Recipe;
  /** The class behind it, unless it is a test's value or factory. */
  readonly record?: ClassRecord;
  /** What `create()` or the factory receives. */
  readonly tokens?: readonly Token[] | undefined;
  readonly creation: CreationOptions;
  readonly site: CallSite | undefined;
}

export interface Wrapper {
  readonly id: string;
  readonly record: ClassRecord;
  readonly plugins?: readonly string[] | undefined;
  readonly config?: readonly string[] | undefined;
  readonly rank: Rank;
  readonly origin: string;
}

/** All that was added to a backend, sorted by what it is. */
export class Catalogue {
  readonly reader: ClassReader;
  readonly features: readonly Feature[];
  readonly overrides: readonly Override[];
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  /** The controllers that were met while features were looked for. */
  readonly controllers: ClassRecord[] = [];
  /** Ids of services whose default could not be loaded, which is reported, so that nobody needs to be told they miss it. */
  readonly brokenDefaults = new Set<string>();
  readonly #declarations = new Map<string, Declaration[]>();
  readonly #byToken = new Map<unknown, Declaration | undefined>();
  readonly #candidates = new Map<string, Candidate[]>();
  readonly #wrappers = new Map<string, Wrapper[]>();
  readonly #metOverrides = new Set<Override>();

  constructor(reader: ClassReader, features: readonly Feature[], overrides: readonly Override[]) {
    this.reader = reader;
    this.features = features;
    this.overrides = overrides;
    for (const feature of features) this.#add(feature);
    for (const override of overrides) this.#addOverride(override);
    for (const { record } of features) this.#addSelf(record);
  }

  declarationOf(token: unknown): Declaration | undefined {
    if (this.#byToken.has(token)) return this.#byToken.get(token);
    const declaration = this.#apart(declarationOf(token, this.reader));
    this.#byToken.set(token, declaration);
    if (declaration) append(this.#declarations, declaration.id, declaration);
    return declaration;
  }

  /** Every class that calls an api is a service of its own: two packages may have each the methods that it needs. */
  #apart(declaration: Declaration | undefined): Declaration | undefined {
    if (!declaration?.client) return declaration;
    const { id } = declaration;
    let free = id;
    for (let number = 2; this.#declarations.get(free)?.some(({ client }) => client); number++) free = `${id}-${number}`;
    return free === id ? declaration : { ...declaration, id: free };
  }

  /** By id; where several tokens declare the same id, the first that was met. */
  declarationById(id: string): Declaration | undefined {
    return this.#declarations.get(id)?.[0];
  }

  declarations(): ReadonlyMap<string, readonly Declaration[]> {
    return this.#declarations;
  }

  candidates(id: string): readonly Candidate[] {
    return this.#candidates.get(id) ?? [];
  }

  wrappers(id: string): readonly Wrapper[] {
    return this.#wrappers.get(id) ?? [];
  }

  /** Every service that somebody implements or wraps, needed or not. */
  ids(): Set<string> {
    return new Set([...this.#candidates.keys(), ...this.#wrappers.keys()]);
  }

  /** What a test puts in the place of a class; of those for the plugin alone and those for all, the former. */
  overrideOfClass(target: Class, pluginId: string | undefined): Override | undefined {
    const fitting = this.overrides.filter(o => o.token === target && (!o.pluginId || o.pluginId === pluginId));
    const found = fitting.find(o => o.pluginId) ?? fitting[0];
    for (const override of fitting) this.#metOverrides.add(override);
    return found;
  }

  /** Whether a class that was overridden has been met. */
  isMet(override: Override): boolean {
    return this.#metOverrides.has(override);
  }

  /** Adds what the default of a declaration turned out to be. */
  addDefault(declaration: Declaration, record: ClassRecord): void {
    const { id } = declaration;
    const origin = `the default of '${id}'`;
    this.#addCandidate(classCandidate(record, creationOf(record), { id, rank: 'declaration', origin }));
  }

  /** Adds a service that the backend itself provides. */
  addBuiltIn(token: Token): void {
    const declaration = this.declarationOf(token)!;
    const recipe = { by: 'backend' as const, id: declaration.id };
    const common = { creation: {}, site: undefined, origin: 'the backend' };
    this.#addCandidate({ id: declaration.id, rank: 'framework', recipe, ...common });
  }

  #add({ record, rank, origin }: Feature): void {
    const { role } = record;
    if (role?.kind !== 'implementation' && role?.kind !== 'wrapper') return;
    const declaration = this.declarationOf(role.of);
    const problem = checkToken(record, role, declaration);
    if (problem) this.problems.push(problem);
    if (problem || !declaration) return;
    const { id } = declaration;
    const { plugins, config } = role.options;
    if (role.kind === 'wrapper') append(this.#wrappers, id, { id, record, plugins, config, rank, origin });
    else this.#addCandidate(classCandidate(record, role.options, { id, plugins, rank, origin }));
  }

  /** A concrete class that declares a service is the weakest way to provide it, however the class got here. */
  #addSelf({ role, target }: ClassRecord): void {
    const declaration = role?.kind === 'service' ? this.declarationOf(target) : undefined;
    if (!declaration || this.candidates(declaration.id).some(c => !c.plugins && c.rank !== 'test')) return;
    const self = selfOf(declaration);
    if (self) this.addDefault(declaration, self);
  }

  #addCandidate(candidate: Candidate): void {
    append(this.#candidates, candidate.id, candidate);
  }

  #addOverride(override: Override): void {
    const declaration = this.declarationOf(override.token);
    if (declaration?.kind !== 'service') return;
    this.#addCandidate({
      id: declaration.id,
      rank: 'test',
      origin: override.origin,
      plugins: override.pluginId ? [override.pluginId] : undefined,
      recipe: override.recipe,
      ...('target' in override.recipe && { record: this.reader.read(override.recipe.target) }),
      tokens: override.tokens,
      creation: {},
      site: override.site,
    });
  }
}

/** What a plugin or module names in its decorator; nothing for any other class. */
export function partsOf(
  record: ClassRecord | undefined,
): Pick<PluginOptions, 'controllers' | 'extensionPoints' | 'config' | 'entities' | 'migrations'> {
  return record?.role?.kind === 'plugin' || record?.role?.kind === 'module' ? record.role.options : {};
}

export function creationOf(record: ClassRecord): CreationOptions {
  if (record.role?.kind === 'implementation') return record.role.options;
  return record.role?.kind === 'service' ? record.role.declares : {};
}

function classCandidate(
  record: ClassRecord,
  creation: CreationOptions,
  { id, rank, origin, plugins }: Pick<Candidate, 'id' | 'rank' | 'origin' | 'plugins'>,
): Candidate {
  const { target, site } = record;
  const recipe = { by: creation.create ? ('create' as const) : ('constructor' as const), target };
  return { id, rank, origin, plugins, recipe, record, tokens: creation.create, creation, site };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
