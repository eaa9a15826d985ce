export { SearchModuleCatalog } from './search-module-catalog.js';
