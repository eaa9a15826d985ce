import { callSiteOf } from '../../decorators/call-site.js';
import type { Class, InstancesOf, Token } from '../../decorators/tokens.js';
import type { Override } from '../plan/override.js';

/** A stand-in that may be limited to one plugin. */
export interface ScopedOverride extends Override {
  /** Only in this plugin and its modules. */
  for(where: { readonly pluginId: string }): Override;
}

/** What can stand in for a `T`. */
export interface OverrideOf<T> {
  withValue(value: T): ScopedOverride;
  withClass(target: Class<T>): ScopedOverride;
  withFactory<const D extends readonly Token[] = readonly []>(
    factory: (...dependencies: InstancesOf<D>) => T | Promise<T>,
    dependencies?: D,
  ): ScopedOverride;
}

/**
 * Puts something in the place of a service, of an extension point, or of a private class, in a test.
 *
 * It replaces whatever implements and wraps the token. A private class is replaced for every owner that injects it.
 *
 * @example
 * override(Clock).withClass(FixedClock)
 * override(Mailer).withFactory(logger => new FakeMailer(logger), [LoggerService])
 * override(CatalogStore).withValue(store).for({ pluginId: 'catalog' })
 */
export function override<T>(token: Token<T>): OverrideOf<T> {
  const said = { token, origin: 'override()', site: callSiteOf(override) };
  return {
    withValue: value => scoped({ ...said, recipe: { by: 'value', value } }),
    withClass: target => scoped({ ...said, recipe: { by: 'constructor', target } }),
    withFactory: (factory, dependencies) =>
      scoped({
        ...said,
        recipe: { by: 'factory', factory },
        tokens: dependencies ?? [],
      }),
  };
}

function scoped(everywhere: Override): ScopedOverride {
  return { ...everywhere, for: ({ pluginId }) => ({ ...everywhere, pluginId }) };
}
