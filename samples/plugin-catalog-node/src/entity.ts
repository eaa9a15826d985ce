/** Something the catalog knows: one version of an installed package, or what a descriptor declares. */
export interface Entity {
  /** Lower case, as `component`, `system` or `group`. */
  readonly kind: string;
  /** Unique within its kind; the name of an npm package keeps its scope. */
  readonly name: string;
  readonly title?: string;
  readonly version?: string;
  /** An SPDX expression, where the source states one. */
  readonly license?: string;
  readonly description?: string;
  readonly homepage?: string;
  /** The name of the group or user it belongs to. */
  readonly owner?: string;
  readonly dependencies: readonly Dependency[];
  /** Where it was read, as `node_modules/koa/package.json` or `catalog-info.yaml:12`. */
  readonly source: string;
}

export interface Dependency {
  readonly name: string;
  /** The versions that will do, as `^3.0.0`. */
  readonly range?: string;
}
