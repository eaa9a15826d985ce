import type { StandardSchemaV1 } from '@standard-schema/spec';
import { markCopy } from './annotations.js';
import { callSiteOf, type CallSite } from './call-site.js';

/** What a section of the configuration is, and the schema that checks it. */
export interface ConfigSection {
  readonly path: string;
  readonly schema: StandardSchemaV1;
  readonly site: CallSite | undefined;
}

const sections = new WeakMap<object, ConfigSection>();

/**
 * The base of a class that holds one section of the configuration, checked by any Standard Schema before the backend
 * starts. Inject the class; its properties are those of the section and cannot be changed.
 *
 * A plugin reads its own key, `<pluginId>`, and those its `config` option names.
 *
 * @example
 * class CatalogConfig extends configOf('catalog', z.object({ refresh: z.string().default('5m') })) {}
 */
export function configOf<S extends StandardSchemaV1<unknown, object>>(
  path: string,
  schema: S,
): new () => Readonly<StandardSchemaV1.InferOutput<S>> {
  const base = class {};
  markCopy(base);
  sections.set(base, { path, schema, site: callSiteOf(configOf) });
  return base as new () => Readonly<StandardSchemaV1.InferOutput<S>>;
}

/** The section that a class made with `configOf`, or a subclass of one, holds. */
export function configSectionOf(target: object): ConfigSection | undefined {
  for (let c: object | null = target; c; c = Object.getPrototypeOf(c) as object | null) {
    const section = sections.get(c);
    if (section) return section;
  }
  return undefined;
}
