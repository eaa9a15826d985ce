export { SearchCollecting, type SearchCollector } from './search-collecting.js';
