import { callSiteOf } from './call-site.js';
import { roleDecorator } from './class-decorator.js';
import type { Class } from './tokens.js';

/** What a feature loader's `load()` may give: features, promises of them, and more loaders, in any nesting. */
export type LoadedFeatures = unknown;

/**
 * Declares a class whose `load()` returns more features; it may be async or a generator.
 *
 * The constructor may depend on root services only, and on none that a later feature overrides.
 */
export function FeatureLoader(): (target: Class<{ load(): LoadedFeatures }>) => void {
  return roleDecorator('FeatureLoader', { kind: 'feature-loader' }, callSiteOf(FeatureLoader));
}
