import { annotateMethod } from './annotations.js';
import type { CallSite } from './call-site.js';
import { refuseStandardDecorators } from './legacy.js';

/**
 * The decorator of an instance method that can be called as an `F`.
 *
 * A static method does not compile, since of all that have members only a constructor has a `prototype`; neither does a
 * property, which comes without a descriptor.
 */
export type MethodDecoratorFor<F extends (...args: never[]) => unknown> = <M extends F>(
  prototype: object & { readonly prototype?: never },
  method: string,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * The decorator of an instance method to which the service `service` gives its meaning.
 *
 * The plan makes the method's plugin depend on that service; once the method's instance is constructed, the service's
 * `addMethod()` receives it.
 */
export function methodDecorator(
  decorator: string,
  service: string,
  options: unknown,
  site: CallSite | undefined,
): (prototype: object, method: string) => void {
  return (prototype, method) => {
    refuseStandardDecorators(decorator, method);
    const isStatic = typeof prototype === 'function';
    const target = isStatic ? prototype : prototype.constructor;
    annotateMethod(target, { method, decorator, service, options, site, ...(isStatic && { isStatic }) });
  };
}
