export { CatalogModuleDescriptors } from './catalog-module-descriptors.js';
