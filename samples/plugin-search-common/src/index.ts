export { SearchDocument, searchApi, Found } from './search-api.js';
