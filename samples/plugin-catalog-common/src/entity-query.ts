import { z } from 'zod';

const text = z.string().min(1).max(200);

/** Which entities are asked for; filters that are absent let everything through. */
export const EntityQuery = z.object({
  kind: text.optional(),
  name: text.optional(),
  license: text.optional(),
  /** The name of something it depends on. */
  dependency: text.optional(),
  /** A piece of its name, title or description, in any case. */
  q: text.optional(),
  /** How many the page holds; the catalog's configuration says the default and the most. */
  limit: z.number().int().min(1).max(1_000).optional(),
  offset: z.number().int().min(0).max(1_000_000_000).default(0),
});
export type EntityQuery = z.output<typeof EntityQuery>;
