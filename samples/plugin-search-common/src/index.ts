export { SearchDocument, searchApi, type Found } from './search-api.js';
