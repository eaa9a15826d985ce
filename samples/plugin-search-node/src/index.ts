export { SearchCollecting, type Collected, type SearchCollector } from './search-collecting.js';
