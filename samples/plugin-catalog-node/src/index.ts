export { CatalogClient } from './catalog-client.js';
export { CatalogProcessing } from './catalog-processing.js';
export type { EntityProvider, Reading } from './entity-provider.js';
export type { LocationReader } from './location-reader.js';
