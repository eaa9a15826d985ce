import { z } from 'zod';

/** A folder that somebody has registered, to be searched for descriptors. */
export const NewLocation = z.object({
  /** Relative to the folders that the catalog's configuration names. */
  folder: z.string().min(1).max(500),
});
export type NewLocation = z.output<typeof NewLocation>;

export const Location = z.object({
  id: z.string(),
  folder: z.string(),
  /** Who registered it, as `user:default/ada`. */
  registeredBy: z.string(),
});
export type Location = z.output<typeof Location>;
