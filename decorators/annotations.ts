import type { Allow } from '../lib/contract/allow.js';
import type { AnyApi } from '../lib/contract/define-api.js';
import type { CallSite } from './call-site.js';
import type { AbstractClass, Class, ExtensionPointDeclaration, ServiceDeclaration, Token } from './tokens.js';
import { parameterTypesOf } from './parameter-types.js';

/** What a class is, as said by the one decorator above it. */
export type Role =
  | { readonly kind: 'plugin'; readonly options: PluginOptions }
  | { readonly kind: 'module'; readonly options: ModuleOptions }
  | { readonly kind: 'service'; readonly declares: ServiceDeclaration & CreationOptions }
  | { readonly kind: 'implementation'; readonly of: Token; readonly options: ImplementationOptions }
  | {
      readonly kind: 'wrapper';
      readonly of: Token;
      readonly options: WrapperOptions;
      /** Said by `@ExtensionPoint`, where a wrapper has no options. */
      readonly isOfExtensionPoint?: true;
    }
  | { readonly kind: 'extension-point'; readonly declares: ExtensionPointDeclaration }
  | {
      readonly kind: 'extension-point-implementation';
      readonly of: Token;
      readonly options: ExtensionPointImplementationOptions;
    }
  | { readonly kind: 'controller'; readonly options: ApiControllerOptions }
  | { readonly kind: 'injectable' }
  | { readonly kind: 'feature-loader' };

export interface PluginOptions {
  /** Kebab-case, unique in a backend; also the plugin's path, `/api/<pluginId>`. */
  readonly pluginId: string;
  /** The classes that implement this plugin's extension points. */
  readonly extensionPoints?: readonly Class[];
  readonly controllers?: readonly Class[];
  /** Who may call the plain routes, of the plugin and of its modules, that do not say it. Default: a user or a service. */
  readonly allow?: Allow;
  /** Configuration keys the plugin reads besides its own, `<pluginId>`. Everything else is hidden from it. */
  readonly config?: readonly string[];
  /** The TypeORM entities of its tables, in the plugin's own database; see `DatabaseService`. */
  readonly entities?: readonly Class[];
  /** TypeORM migrations, which run in this order, each once; an applied one keeps its name for ever. */
  readonly migrations?: readonly Class[];
}

export interface ModuleOptions {
  /** The plugin this module extends. */
  readonly pluginId: string;
  /** Kebab-case, unique within the plugin. */
  readonly moduleId: string;
  /** Modules of the same plugin that run before this one; one that is not installed is ignored. */
  readonly after?: readonly string[];
  /** The classes that implement extension points this module offers to other modules of the plugin. */
  readonly extensionPoints?: readonly Class[];
  readonly controllers?: readonly Class[];
  /** Configuration keys the module reads besides its plugin's own. */
  readonly config?: readonly string[];
  /** The TypeORM entities of its tables, in its plugin's database; their names begin with the id of the module and `_`. */
  readonly entities?: readonly Class[];
  /** TypeORM migrations, which run in this order, each once, after those of the plugin. */
  readonly migrations?: readonly Class[];
}

export interface CreationOptions {
  /** Constructed when its scope starts, needed or not. Default: `true` for root services, `false` for plugin services. */
  readonly eager?: boolean;
  /** How often a failed construction is tried again before the start fails, and how long to wait before each, in ms. */
  readonly retry?: { readonly attempts: number; readonly delay: number };
  /**
   * Configuration keys that a plugin service reads through `RootConfigService` besides those of the plugin it is made
   * for. A root service reads all.
   */
  readonly config?: readonly string[];
  /** The class is made by its static `create()`, which may be async and receives an instance of each of these. */
  readonly create?: readonly Token[];
}

export interface ImplementationOptions extends CreationOptions {
  /** Only these plugins get this implementation. Default: all. */
  readonly plugins?: readonly string[];
}

export interface WrapperOptions {
  /** Only in these plugins is the service wrapped. Default: all. */
  readonly plugins?: readonly string[];
  /** As of an implementation: configuration keys besides those of the plugin. */
  readonly config?: readonly string[];
}

export interface ExtensionPointImplementationOptions {
  /** Each module that uses the extension point gets an instance of its own. Default: all of them share one. */
  readonly perModule?: boolean;
}

export interface ControllerOptions {
  /** Prefix of the paths of the controller's plain routes. */
  readonly path?: string;
  /** Who may call the controller's plain routes that do not say it. Default: as the plugin says. */
  readonly allow?: Allow;
}

/** What `@Controller(api)` records: the methods that have the names of operations answer them. */
export interface ApiControllerOptions extends ControllerOptions {
  readonly api?: AnyApi;
}

export interface RoleAnnotation {
  readonly role: Role;
  readonly decorator: string;
  readonly site: CallSite | undefined;
}

/** A constructor parameter's `@Inject`, `@InjectAll` or `@Optional`. */
export interface ParameterAnnotation {
  token?: unknown;
  all?: boolean;
  optional?: boolean;
}

/** A decorated method; `service` is the id of the service that gives the decorator its meaning. */
export interface MethodAnnotation {
  readonly method: string;
  readonly decorator: string;
  readonly service: string;
  readonly options: unknown;
  readonly site: CallSite | undefined;
  /** A method of the class and not of its instances, which means nothing; the compiler refuses it, JavaScript does not. */
  readonly isStatic?: true;
}

/** Everything the decorators have said about one class. */
export interface ClassAnnotations {
  readonly roles: readonly RoleAnnotation[];
  readonly parameters: ReadonlyMap<number, Readonly<ParameterAnnotation>>;
  /** As the compiler recorded them when the class was decorated; later changes to the metadata are not seen. */
  readonly parameterTypes: readonly unknown[] | undefined;
  readonly methods: readonly MethodAnnotation[];
  /** Middleware named by `@Use`, of the class (`undefined`) and of its methods. */
  readonly middleware: ReadonlyMap<string | undefined, readonly unknown[]>;
  /** Decorators that were applied from another file, after the class had its role or a decorated method. */
  readonly foreign: readonly { readonly decorator: string; readonly site: CallSite | undefined }[];
}

interface Draft {
  roles: RoleAnnotation[];
  parameters: Map<number, ParameterAnnotation>;
  parameterTypes: readonly unknown[] | undefined;
  methods: MethodAnnotation[];
  middleware: Map<string | undefined, unknown[]>;
  foreign: { decorator: string; site: CallSite | undefined }[];
}

/** The copies of the framework that know of a class or a reference: there is to be one, and each must see the others. */
const frameworkCopies: unique symbol = Symbol.for('backplane.framework-copies') as never;
const onlyThisCopy = Object.freeze([import.meta.url]);

/** The file of a copy of the framework that knows of `target`, and is not this copy. */
export function otherCopyOf(target: object): string | undefined {
  const copies = copiesOf(target);
  return copies === onlyThisCopy ? undefined : copies.find(copy => copy !== import.meta.url);
}

/** Says that this copy of the framework knows of `target`. */
export function markCopy(target: object): void {
  const copies = copiesOf(target);
  if (copies.includes(import.meta.url) || !Object.isExtensible(target)) return;
  const value = copies.length === 0 ? onlyThisCopy : [...copies, import.meta.url];
  Object.defineProperty(target, frameworkCopies, { value, configurable: true });
}

function copiesOf(target: object): readonly string[] {
  const copies = Object.hasOwn(target, frameworkCopies) ? (target as Record<symbol, unknown>)[frameworkCopies] : [];
  return Array.isArray(copies) ? copies : [];
}

const drafts = new WeakMap<object, Draft>();

/** What the decorators have said about `target` itself, not about what it inherits. */
export function annotationsOf(target: object): ClassAnnotations | undefined {
  return drafts.get(target);
}

export function annotateRole(target: AbstractClass, role: Role, decorator: string, site: CallSite | undefined): void {
  const draft = draftOf(target, decorator, site);
  draft.roles.push({ role, decorator, site });
  draft.parameterTypes ??= parameterTypesOf(target);
}

/** `late` says where the decorator was applied; asked only where the class has its role, and so was complete, before. */
export function annotateParameter(
  target: object,
  index: number,
  annotation: ParameterAnnotation,
  decorator: string,
  late: () => CallSite | undefined,
): void {
  const draft = draftOf(target);
  if (draft.roles.length > 0) noteForeign(draft, decorator, late());
  draft.parameters.set(index, { ...draft.parameters.get(index), ...annotation });
}

export function annotateMethod(target: object, annotation: MethodAnnotation): void {
  draftOf(target, annotation.decorator, annotation.site).methods.push(annotation);
}

export function annotateMiddleware(
  target: object,
  method: string | undefined,
  middleware: readonly unknown[],
  site: CallSite | undefined,
): void {
  const { middleware: all } = draftOf(target, 'Use', site);
  // Decorators apply bottom up; what is written first runs first.
  all.set(method, [...middleware, ...(all.get(method) ?? [])]);
}

function draftOf(target: object, decorator?: string, site?: CallSite): Draft {
  let draft = drafts.get(target);
  if (!draft) {
    draft = {
      roles: [],
      parameters: new Map(),
      parameterTypes: undefined,
      methods: [],
      middleware: new Map(),
      foreign: [],
    };
    drafts.set(target, draft);
    markCopy(target);
  }
  if (decorator) noteForeign(draft, decorator, site);
  return draft;
}

function noteForeign(draft: Draft, decorator: string, site: CallSite | undefined): void {
  const origin = draft.roles[0]?.site ?? draft.methods[0]?.site;
  if (origin && site && site.file !== origin.file) draft.foreign.push({ decorator, site });
}
