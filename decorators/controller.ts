import type { Allow, AllowedKinds, NarrowerAllow, WithinAllow } from '../lib/contract/allow.js';
import type { AnyApi, OperationIn, OperationNames } from '../lib/contract/define-api.js';
import type { ApiControllerOptions, ControllerOptions } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { roleDecorator } from './class-decorator.js';
import type { OperationHandler } from './operation.js';
import type { Class } from './tokens.js';

/** What a class with `@Controller(api)` has: for each operation a method of its name. */
export type ControllerOf<A extends AnyApi, L extends Allow | undefined = undefined> = {
  readonly [K in OperationNames<A>]: OperationHandler<OperationIn<A, K>, L>;
};

/**
 * What the compiler shows of a class that is to answer an api and does not: a text for each method that is missing, else
 * for each that has other types. With the types of the whole api it would be longer than anybody reads.
 */
export type ControllerDemand<T, A extends AnyApi, L extends Allow | undefined> = [
  Exclude<OperationNames<A>, keyof T>,
] extends [never]
  ? T extends ControllerOf<A, L>
    ? unknown
    : Fit<Misfits<T, A, L>>
  : `write a method '${Exclude<OperationNames<A>, keyof T>}': it answers the operation of that name`;

type Fit<K extends string> =
  `give the method '${K}' the types of its operation: ${K}(request: RequestOf<typeof api.${K}>, call: Call): Promise<ResponseOf<typeof api.${K}>>`;

type Misfits<T, A extends AnyApi, L extends Allow | undefined> = {
  [K in OperationNames<A>]: T extends Pick<ControllerOf<A, L>, K> ? never : K;
}[OperationNames<A>];

type SaidAllow<O> = O extends { readonly allow: infer S } ? S : undefined;

/** A function of what one operation lets pass, since of several functions the compiler infers what fits all. */
type Passing<A extends AnyApi> = {
  [K in OperationNames<A>]: (kinds: AllowedKinds<SaidAllow<OperationIn<A, K>>>) => void;
}[OperationNames<A>];

/** Who may call each of the operations, or fewer. */
type NarrowestAllow<A extends AnyApi> =
  Passing<A> extends (kinds: infer K) => void
    ? NarrowerAllow<'unauthenticated' extends K ? 'unauthenticated' : readonly K[]>
    : never;

/**
 * Declares a class whose methods are operations and routes. It belongs to the plugin or module that names it in
 * `controllers`, and shares that owner's private classes.
 *
 * With an api, each of its operations is answered by the method of its name; one that is missing, or has another type,
 * does not compile. `allow` lets fewer callers pass than the operations say, never more.
 *
 * @example
 * @Controller(catalogApi)
 * class CatalogController {
 *   async getEntity({ params }: RequestOf<typeof catalogApi.getEntity>, call: Call): Promise<Entity> { … }
 *   async addLocation({ body }: RequestOf<typeof catalogApi.addLocation>, call: Call): Promise<Location> { … }
 * }
 */
export function Controller<A extends AnyApi, const L extends Allow | undefined = undefined>(
  api: A,
  options?: Omit<ControllerOptions, 'allow'> & { readonly allow?: WithinAllow<L, NarrowestAllow<A>> },
): <C extends Class>(target: C & ControllerDemand<InstanceType<C>, A, L>) => void;
export function Controller(options?: ControllerOptions): (target: Class) => void;
export function Controller(...given: readonly unknown[]): (target: never) => void {
  refuseBare('Controller', given[0]);
  return roleDecorator('Controller', { kind: 'controller', options: optionsOf(given) }, callSiteOf(Controller));
}

const apiKey: unique symbol = Symbol.for('backplane.api') as never;

/** An api that an import cycle has left undefined is kept as such, for the plan to tell. */
function optionsOf(given: readonly unknown[]): ApiControllerOptions {
  const [first, second] = given;
  const isApi = typeof first === 'object' && first !== null && apiKey in first;
  if (isApi || given.length > 1 || (given.length === 1 && first === undefined)) {
    return { ...(second as ControllerOptions | undefined), api: first as AnyApi };
  }
  return first ?? {};
}
