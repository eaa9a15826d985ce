import { configOf } from 'backplane';
import { z } from 'zod';

const pageSize = z.number().int().min(1).max(1_000);

/** The section `catalog`: how many entities a page holds, unless the request says otherwise, and at most. */
export class CatalogConfig extends configOf(
  'catalog',
  z.object({ pageSize: z.object({ default: pageSize.default(50), max: pageSize.default(500) }).prefault({}) }),
) {}
