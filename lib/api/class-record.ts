import {
  annotationsOf,
  type ClassAnnotations,
  type MethodAnnotation,
  type Role,
  type RoleAnnotation,
} from '../../decorators/annotations.js';
import type { CallSite } from '../../decorators/call-site.js';
import type { Class } from '../../decorators/tokens.js';
import { apiOf, type AnyApi } from '../contract/define-api.js';
import type { OperationDefinition } from '../contract/operation.js';
import type { InvalidOption } from './sound-options.js';
import { soundRole } from './sound-role.js';
import { classNameOf } from '../util/class-name.js';
import { hasWrittenConstructor } from './written-constructor.js';

/** Why a constructor parameter names nothing that could be injected. */
export type ParameterFault =
  'no-metadata' | 'erased-interface' | 'erased-import' | 'primitive' | 'array' | 'undefined-token' | 'undecorated-base';

export interface ParameterRecord {
  readonly index: number;
  readonly token: unknown;
  readonly all: boolean;
  readonly optional: boolean;
  readonly fault?: ParameterFault;
  /** Whose parameter it is, as `create()`; absent: the constructor's. */
  readonly of?: string;
}

/** What the framework knows of a class: read once, and never looked up again while a backend lives. */
export interface ClassRecord {
  readonly target: Class;
  readonly name: string;
  readonly role: Role | undefined;
  readonly roles: readonly RoleAnnotation[];
  readonly site: CallSite | undefined;
  /** What its decorator was given and is not what it has to be; `role` has it not. */
  readonly invalidOptions: readonly InvalidOption[];
  readonly parameters: readonly ParameterRecord[];
  /** Decorated methods, inherited ones that are not overridden among them. */
  readonly methods: readonly MethodAnnotation[];
  /** Decorators that came from another file, to the class or to what it extends. */
  readonly foreign: ClassAnnotations['foreign'];
  /** What the class itself names with `@Use`: its methods, and `undefined` for the class. */
  readonly used: readonly (string | undefined)[];
  middlewareOf(method: string): readonly unknown[];
}

/** Reads classes, each once. One reader serves one backend. */
export class ClassReader {
  readonly #records = new Map<object, ClassRecord>();

  /** Every class that was read so far. */
  records(): Iterable<ClassRecord> {
    return this.#records.values();
  }

  read(target: Class): ClassRecord {
    let record = this.#records.get(target);
    if (!record) this.#records.set(target, (record = readClass(target)));
    return record;
  }
}

function readClass(target: Class): ClassRecord {
  const lineage = lineageOf(target);
  const own = annotationsOf(target);
  const first = own?.roles[0];
  const sound = first && soundRole(first.role);
  const methods = methodsOf(lineage);
  return {
    target,
    name: classNameOf(target),
    role: sound?.role,
    invalidOptions: sound?.invalid ?? [],
    roles: [...(own?.roles ?? [])],
    site: first?.site,
    parameters: parametersOf(lineage),
    methods: [...methods, ...apiMethodsOf(target, sound?.role, first, methods)],
    foreign: lineage.flatMap(c => annotationsOf(c)?.foreign ?? []),
    used: [...(own?.middleware.keys() ?? [])],
    middlewareOf: middlewareReader(lineage),
  };
}

const noMiddleware: ClassRecord['middlewareOf'] = () => [];

/** What `@Use` has said up to now. */
function middlewareReader(lineage: readonly Class[]): ClassRecord['middlewareOf'] {
  const said = lineage.flatMap(c => annotationsOf(c)?.middleware ?? []);
  if (said.every(middleware => middleware.size === 0)) return noMiddleware;
  const lines = said.map(middleware => new Map(middleware));
  const nearest = (method: string | undefined) => lines.find(line => line.has(method))?.get(method) ?? [];
  return method => [...nearest(undefined), ...nearest(method)];
}

/** The class itself and what it extends, nearest first. */
function lineageOf(target: Class): Class[] {
  const lineage: Class[] = [];
  for (let c: unknown = target; typeof c === 'function' && c !== Function.prototype; c = Object.getPrototypeOf(c)) {
    lineage.push(c as Class);
  }
  return lineage;
}

function methodsOf(lineage: readonly Class[]): MethodAnnotation[] {
  const methods: MethodAnnotation[] = [];
  const overridden = new Set<string>();
  for (const c of lineage) {
    const annotated = annotationsOf(c)?.methods ?? [];
    methods.push(...annotated.filter(({ method }) => !overridden.has(method)));
    for (const name of Object.getOwnPropertyNames((c.prototype as object | undefined) ?? {})) overridden.add(name);
  }
  return methods;
}

/** The methods that answer the operations of `@Controller(api)`, unless the method has an `@Operation` of its own. */
function apiMethodsOf(
  { prototype }: Class,
  role: Role | undefined,
  said: RoleAnnotation | undefined,
  methods: readonly MethodAnnotation[],
): MethodAnnotation[] {
  if (role?.kind !== 'controller') return [];
  const { options } = role;
  return operationsOf(options.api).flatMap(operation => {
    const method = operation.name;
    const itself = methods.some(
      m => m.method === method && (m.options as { operation?: unknown } | undefined)?.operation === operation,
    );
    if (itself || !hasMethod(prototype as object, method)) return [];
    const allow = options.allow && { allow: options.allow };
    return [
      {
        method,
        decorator: 'Controller',
        service: 'core.operations',
        options: { operation, ...allow },
        site: said?.site,
      },
    ];
  });
}

/** Without asking a getter, which is the author's code. */
function hasMethod(prototype: object, name: string): boolean {
  for (let p: object | null = prototype; p; p = Object.getPrototypeOf(p) as object | null) {
    const property = Object.getOwnPropertyDescriptor(p, name);
    if (property) return typeof property.value === 'function';
  }
  return false;
}

function operationsOf(api: AnyApi | undefined): readonly OperationDefinition[] {
  return Object.values(apiOf(api)?.operations ?? {});
}

/** Without a constructor of its own a class takes that of the nearest base that has one. */
function parametersOf(lineage: readonly Class[]): ParameterRecord[] {
  const recorded = lineage.some(c => annotationsOf(c)?.parameterTypes !== undefined);
  const owner = lineage.find(c => hasConstructor(c, recorded));
  if (!owner) return [];
  const annotations = annotationsOf(owner);
  const types = annotations?.parameterTypes;
  const explicit = annotations?.parameters;
  const count = Math.max(owner.length, types?.length ?? 0, ...[...(explicit?.keys() ?? [])].map(index => index + 1));
  return Array.from({ length: count }, (_, index) => {
    const said = explicit?.get(index);
    const { all = false, optional = false } = said ?? {};
    const named = said !== undefined && 'token' in said;
    const token = named ? said.token : types?.[index];
    const fault =
      named && token !== undefined
        ? undefined
        : faultOf(token, { named, emitted: types !== undefined, inherited: owner !== lineage[0] && !annotations });
    return { index, token, all, optional, ...(fault && { fault }) };
  });
}

/**
 * Whether the class has a constructor of its own. A compiler that records parameter types does so for every decorated
 * class that has one, an empty one too; of the others only the text tells.
 */
function hasConstructor(c: Class, recorded: boolean): boolean {
  const annotations = annotationsOf(c);
  if (annotations?.parameterTypes !== undefined || annotations?.parameters.size) return true;
  if (c.length > 0) return true;
  if (recorded && annotations?.roles.length) return false;
  return hasWrittenConstructor(c);
}

const primitives = new Set<unknown>([String, Number, Boolean, Symbol, BigInt]);

function faultOf(
  token: unknown,
  { named, emitted, inherited }: { named: boolean; emitted: boolean; inherited: boolean },
): ParameterFault | undefined {
  if (named) return 'undefined-token';
  if (!emitted) return inherited ? 'undecorated-base' : 'no-metadata';
  if (token === undefined) return 'undefined-token';
  if (token === Object) return 'erased-interface';
  if (token === Function) return 'erased-import';
  if (token === Array) return 'array';
  return primitives.has(token) ? 'primitive' : undefined;
}
