import type { Allow, AllowedKinds, NarrowerAllow } from '../lib/contract/allow.js';
import type { AnyApi, OperationIn, OperationNames } from '../lib/contract/define-api.js';
import type { ApiControllerOptions, ControllerOptions } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { roleDecorator } from './class-decorator.js';
import type { OperationHandler } from './operation.js';
import type { Class } from './tokens.js';

/** What a class with `@Controller(api)` has: for each operation a method of its name. */
export type ControllerOf<A extends AnyApi, L extends Allow | undefined = undefined> = {
  readonly [K in OperationNames<A>]: OperationHandler<OperationIn<A, K>, L>;
};

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
export function Controller<A extends AnyApi>(
  api: A,
  options?: Omit<ControllerOptions, 'allow'>,
): (target: Class<ControllerOf<A>>) => void;
export function Controller<A extends AnyApi, const L extends NarrowestAllow<A>>(
  api: A,
  options: Omit<ControllerOptions, 'allow'> & { readonly allow: L },
): (target: Class<ControllerOf<A, Extract<L, Allow>>>) => void;
export function Controller(options?: ControllerOptions): (target: Class) => void;
export function Controller(...given: readonly unknown[]): (target: never) => void {
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
