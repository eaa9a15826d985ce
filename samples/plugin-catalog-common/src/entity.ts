import { z } from 'zod';

const Dependency = z.object({
  name: z.string().max(255),
  /** The versions that will do, as `^3.0.0`. */
  range: z.string().optional(),
});
export type Dependency = z.output<typeof Dependency>;

/** Something the catalog knows: one version of an installed package, or what a descriptor declares. */
export const Entity = z.object({
  /** Lower case, as `component`, `system` or `group`. */
  kind: z.string().max(100),
  /** Unique within its kind; the name of an npm package keeps its scope. */
  name: z.string().max(255),
  title: z.string().optional(),
  version: z.string().max(255).optional(),
  /** An SPDX expression, where the source states one. */
  license: z.string().optional(),
  description: z.string().optional(),
  homepage: z.string().optional(),
  /** The name of the group or user it belongs to. */
  owner: z.string().optional(),
  dependencies: z.array(Dependency),
  /** Where it was read, as `node_modules/koa/package.json` or `catalog-info.yaml:12`. */
  source: z.string(),
});
export type Entity = z.output<typeof Entity>;
