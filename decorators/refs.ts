import { callSiteOf, type CallSite } from './call-site.js';
import type {
  Class,
  ExtensionPointDeclaration,
  ExtensionPointRef,
  Scope,
  ServiceDeclaration,
  ServiceRef,
} from './tokens.js';

/** What a reference says of its service; its default must fit. The scope is `plugin` where none is said. */
export interface ServiceRefDeclaration<T> extends Omit<ServiceDeclaration, 'scope'> {
  readonly scope?: Scope;
  readonly default?: () => Class<T> | Promise<object>;
}

const sites = new WeakMap<object, CallSite | undefined>();

/**
 * A token for a service whose type is an interface; inject it with `@Inject(ref)`.
 *
 * @example
 * export const clockRef = createServiceRef<Clock>({ id: 'acme.clock', scope: 'root' });
 */
export function createServiceRef<T>(declaration: ServiceRefDeclaration<T>): ServiceRef<T> {
  return remember(
    { kind: 'service-ref' as const, scope: 'plugin' as const, ...declaration },
    callSiteOf(createServiceRef),
  );
}

/** A token for an extension point whose type is an interface; inject it with `@Inject(ref)`. */
export function createExtensionPoint<T>(declaration: ExtensionPointDeclaration): ExtensionPointRef<T> {
  return remember({ kind: 'extension-point-ref' as const, ...declaration }, callSiteOf(createExtensionPoint));
}

/** Where a reference was created; `undefined` for anything that is not one of ours. */
export function siteOfRef(ref: object): CallSite | undefined {
  return sites.get(ref);
}

export function isRef(value: unknown): value is ServiceRef<unknown> | ExtensionPointRef<unknown> {
  return typeof value === 'object' && value !== null && sites.has(value);
}

function remember<R extends object>(ref: R, site: CallSite | undefined): R {
  Object.freeze(ref);
  sites.set(ref, site);
  return ref;
}
