export { CatalogModuleNpm } from './catalog-module-npm.js';
