import type { ExtensionPointImplementationOptions, Role } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { roleDecorator } from './class-decorator.js';
import type { AbstractClass, Class, ExtensionPointDeclaration, ExtensionPointToken, Token } from './tokens.js';
import type { WrapperDecorator } from './wrapper-class.js';

/**
 * Declares what one plugin lets its own modules extend, implements that, or wraps it.
 *
 * The implementation is named in `extensionPoints` of the plugin, or of one of its modules. With `perModule: true` each
 * module that uses the extension point gets an instance of its own, which may inject `ModuleContext`.
 *
 * An extension point is closed once its plugin's `init()` has run: a module that calls it later gets
 * `EXTENSION_POINT_CLOSED`.
 *
 * @example
 * @ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
 * export abstract class CatalogProcessing { abstract addProcessor(processor: EntityProcessor): void; }
 *
 * @ExtensionPoint({ implements: CatalogProcessing })
 * class CatalogProcessingRegistry extends CatalogProcessing { … }
 */
export function ExtensionPoint(options: ExtensionPointDeclaration): (target: AbstractClass) => void;
export function ExtensionPoint<T>(
  options: { readonly implements: ExtensionPointToken<T> } & ExtensionPointImplementationOptions,
): (target: Class<T>) => void;
export function ExtensionPoint<T>(options: { readonly wraps: ExtensionPointToken<T> }): WrapperDecorator<T>;
export function ExtensionPoint(
  options:
    | ExtensionPointDeclaration
    | ({ readonly implements: Token } & ExtensionPointImplementationOptions)
    | { readonly wraps: Token },
): (target: never) => void {
  refuseBare('ExtensionPoint', options);
  return roleDecorator('ExtensionPoint', roleOf(options), callSiteOf(ExtensionPoint));
}

/** JavaScript may give nothing, which the plan reports with all else. */
function roleOf(given: object | undefined): Role {
  const options = given ?? {};
  if ('implements' in options) {
    const { implements: of, ...rest } = options as { implements: Token } & ExtensionPointImplementationOptions;
    return { kind: 'extension-point-implementation', of, options: rest };
  }
  if ('wraps' in options) {
    const { wraps: of, ...rest } = options as { wraps: Token };
    return { kind: 'wrapper', of, options: rest, isOfExtensionPoint: true };
  }
  return { kind: 'extension-point', declares: options as ExtensionPointDeclaration };
}
