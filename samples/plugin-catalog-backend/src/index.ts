export { CatalogPlugin } from './catalog-plugin.js';
