import { z } from 'zod';

export const ProviderProgress = z.object({
  provider: z.string(),
  state: z.enum(['reading', 'done', 'failed', 'stopped']),
  /** How many entities it has given so far. */
  read: z.number().int(),
  /** How many things it could not read. */
  problems: z.number().int(),
});
export type ProviderProgress = z.output<typeof ProviderProgress>;

/** Something a provider could not read. */
export const ReadingProblem = z.object({
  provider: z.string(),
  /** Where its author finds it, as `catalog-info.yaml:12`. */
  place: z.string(),
  problem: z.string(),
});
export type ReadingProblem = z.output<typeof ReadingProblem>;
