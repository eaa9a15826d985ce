import { configOf } from 'backplane';
import { z } from 'zod';

/** The section `catalog.npm`. */
export class NpmConfig extends configOf(
  'catalog.npm',
  z.object({
    /** The folders whose `node_modules` are read, relative to the package that is started. */
    roots: z.array(z.string().min(1)).default(['.']),
    /** Whether the packages installed globally, beside Node itself, are read too. */
    global: z.boolean().default(false),
  }),
) {}
