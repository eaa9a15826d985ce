import { configOf } from 'backplane';
import { z } from 'zod';

/** The section `catalog.descriptors`: the folders searched for descriptors, relative to the package that is started. */
export class DescriptorsConfig extends configOf(
  'catalog.descriptors',
  z.object({ folders: z.array(z.string().min(1)).default(['.']) }),
) {}
