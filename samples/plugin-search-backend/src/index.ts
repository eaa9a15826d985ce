export { SearchPlugin } from './search-plugin.js';
