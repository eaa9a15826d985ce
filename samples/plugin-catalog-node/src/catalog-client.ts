import { catalogApi } from '@inventory/plugin-catalog-common';
import { clientOf } from 'backplane';

/** Asks the catalog, wherever it runs. */
export class CatalogClient extends clientOf(catalogApi) {}
