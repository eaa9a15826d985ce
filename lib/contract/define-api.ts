import { apiProblems } from './api-problems.js';
import { ContractError } from './contract-error.js';
import type { OperationDefinition, OperationDraft, OperationOf } from './operation.js';

/** Under which an api, and each of its operations, keeps what it is; found by every copy of this package. */
export const apiKey: unique symbol = Symbol.for('backplane.api') as never;

/** What an api is besides its operations. */
export interface ApiMetadata {
  readonly pluginId: string;
  readonly operations: Readonly<Record<string, OperationDefinition>>;
}

/** Any api. */
export interface AnyApi {
  readonly [apiKey]: ApiMetadata;
}

type Drafts = Readonly<Record<string, OperationDraft>>;

/** The operations of a plugin, by their names. */
export type Api<D extends Drafts = Drafts> = AnyApi & {
  readonly [K in keyof D & string]: OperationOf<D[K]['options']>;
};

/** The names of the operations of an api. */
export type OperationNames<A extends AnyApi> = Exclude<keyof A, typeof apiKey> & string;

/** The operation `K` of an api. */
export type OperationIn<A extends AnyApi, K extends OperationNames<A>> = A[K] extends OperationDefinition
  ? A[K]
  : never;

type Taken = 'then' | 'toJSON' | 'constructor' | 'init' | 'shutdown';

/**
 * Declares what a plugin answers: the contract of those who serve it and those who call it, typed on both sides.
 *
 * The api has each operation as a property. Throws a `ContractError` with code `INVALID_API` that lists everything that
 * is wrong with it.
 *
 * @example
 * export const catalogApi = defineApi({
 *   pluginId: 'catalog',
 *   operations: {
 *     getEntity: get('/entities/:name', { params: z.object({ name: z.string() }), response: Entity }),
 *     addLocation: post('/locations', { allow: ['user'], body: NewLocation, response: Location, status: 201 }),
 *   },
 * });
 */
export function defineApi<const D extends Drafts>(declaration: {
  /** The plugin that serves it. */
  readonly pluginId: string;
  readonly operations: D & {
    readonly [K in keyof D as K extends Taken ? K : never]: 'an operation cannot have this name';
  };
}): Api<D> {
  const { pluginId, operations: drafts, ...more } = soundDeclaration(declaration);
  const [first, ...others] = apiProblems(
    pluginId,
    drafts,
    Object.keys(more).filter(key => (more as Record<string, unknown>)[key] !== undefined),
  );
  if (first) throw new ContractError([first, ...others], defineApi);
  const operations: Record<string, OperationDefinition> = {};
  const metadata: ApiMetadata = { pluginId, operations };
  for (const [name, { method, path, options }] of Object.entries<OperationDraft>(drafts)) {
    const operation = { ...options, name, pluginId, method, path };
    operations[name] = Object.freeze(Object.defineProperty(operation, apiKey, { value: metadata }));
  }
  const api = Object.defineProperty({ ...operations }, apiKey, { value: metadata });
  Object.freeze(operations);
  Object.freeze(metadata);
  return Object.freeze(api) as Api<D>;
}

function soundDeclaration<D>(declaration: D): D {
  if (typeof declaration === 'object' && declaration !== null) return declaration;
  const problem = {
    code: 'INVALID_API',
    message: `What is given to defineApi() is ${String(declaration)}`,
    path: ['in defineApi(…)'],
    fix: 'write defineApi({ pluginId, operations: { … } }).',
  };
  throw new ContractError([problem], defineApi);
}

/** What an api, or the one that an operation is of, says of itself; `undefined` for anything else. */
export function apiOf(value: unknown): ApiMetadata | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<AnyApi>)[apiKey];
}

/** The same, for `caller`; throws a `ContractError` with code `INVALID_API` where `api` is none. */
export function requireApi(api: unknown, caller: (...args: never[]) => unknown): ApiMetadata {
  const metadata = apiOf(api);
  if (metadata && !isOperation(api)) return metadata;
  const problem = {
    code: 'INVALID_API',
    message: `What is given to ${caller.name}() is not an api`,
    path: [`in ${caller.name}(…)`],
    fix: 'pass what defineApi() gave; where it is imported, two modules may import each other.',
  };
  throw new ContractError([problem], caller);
}

/** Whether `value` is an operation of an api. */
export function isOperation(value: unknown): value is OperationDefinition {
  const api = apiOf(value);
  return api !== undefined && api.operations[(value as OperationDefinition).name] === value;
}
