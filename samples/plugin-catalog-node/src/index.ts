export { CatalogProcessing } from './catalog-processing.js';
export type { Dependency, Entity } from './entity.js';
export type { EntityProvider, Reading } from './entity-provider.js';
