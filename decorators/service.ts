import type { CreationOptions, ImplementationOptions, Role, WrapperOptions } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { roleDecorator } from './class-decorator.js';
import type { AbstractClass, Class, InstancesOf, ServiceDeclaration, ServiceToken, Token } from './tokens.js';
import type { WrapperDecorator } from './wrapper-class.js';

/** Its constructor may be private: only its own `create()` calls it. A function type, so that parameters are compared strictly. */
type Creator<T, D extends readonly Token[]> = {
  readonly prototype: T;
  readonly create: (...dependencies: InstancesOf<D>) => T | Promise<T>;
};

/**
 * Declares a service, implements one, or wraps one.
 *
 * - `{ id, scope }` declares it; a concrete class is its own default, an abstract one names it with `default`.
 * - `{ implements: Token }` implements it; the class must fit the token. With `create: [A, B]` it is made by
 *   `static create(a, b)`, which may be async.
 * - `{ wraps: Token }` stands in front of whatever implements it; the constructor's first parameter receives that.
 *
 * A service is ready once constructed and is disposed by its `[Symbol.asyncDispose]()` or `[Symbol.dispose]()`, in
 * reverse order of construction.
 *
 * @example
 * @Service({ id: 'acme.clock', scope: 'root', default: () => SystemClock })
 * export abstract class Clock { abstract now(): Date; }
 *
 * @Service({ implements: Clock })
 * export class SystemClock extends Clock { now() { return new Date(); } }
 */
export function Service<const D extends readonly Token[]>(
  options: ServiceDeclaration & Omit<CreationOptions, 'create'> & { readonly create: D },
): <C extends Creator<unknown, D>>(target: C & Creator<C['prototype'], D>) => void;
export function Service(
  options: ServiceDeclaration & Omit<CreationOptions, 'create'> & { readonly create?: undefined },
): (target: AbstractClass) => void;
export function Service<T, const D extends readonly Token[]>(
  options: { readonly implements: ServiceToken<T>; readonly create: D } & Omit<ImplementationOptions, 'create'>,
): (target: Creator<T, D>) => void;
export function Service<T>(
  options: { readonly implements: ServiceToken<T>; readonly create?: undefined } & Omit<
    ImplementationOptions,
    'create'
  >,
): (target: Class<T>) => void;
export function Service<T>(options: { readonly wraps: ServiceToken<T> } & WrapperOptions): WrapperDecorator<T>;
export function Service(
  options:
    | (ServiceDeclaration & CreationOptions)
    | ({ readonly implements: Token } & ImplementationOptions)
    | ({ readonly wraps: Token } & WrapperOptions),
): (target: never) => void {
  refuseBare('Service', options);
  return roleDecorator('Service', roleOf(options), callSiteOf(Service));
}

/** JavaScript may give nothing, which the plan reports with all else. */
function roleOf(given: object | undefined): Role {
  const options = given ?? {};
  if ('implements' in options) {
    const { implements: of, ...rest } = options as { implements: Token } & ImplementationOptions;
    return { kind: 'implementation', of, options: rest };
  }
  if ('wraps' in options) {
    const { wraps: of, ...rest } = options as { wraps: Token } & WrapperOptions;
    return { kind: 'wrapper', of, options: rest };
  }
  return { kind: 'service', declares: options as ServiceDeclaration & CreationOptions };
}
