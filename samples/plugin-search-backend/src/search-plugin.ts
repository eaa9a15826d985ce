import { Plugin } from 'backplane';
import { SearchCollectingRegistry } from './search-collecting-registry.js';
import { SearchController } from './search-controller.js';

@Plugin({ pluginId: 'search', extensionPoints: [SearchCollectingRegistry], controllers: [SearchController] })
export class SearchPlugin {}
