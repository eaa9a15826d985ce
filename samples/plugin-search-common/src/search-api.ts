import { defineApi, get, post } from 'backplane/contract';
import { z } from 'zod';

/** Something that can be found. */
export const SearchDocument = z.object({
  /** Unique within its type. */
  id: z.string(),
  /** What it is one of, as `entity`. */
  type: z.string(),
  title: z.string(),
  text: z.string().optional(),
  /** Where to read on, as `/api/catalog/entities/component/koa`. */
  location: z.string(),
});
export type SearchDocument = z.output<typeof SearchDocument>;

/** What fits a search. */
export const Found = z.object({
  items: z.array(SearchDocument.extend({ score: z.number() })),
  /** How many documents there are that fit. */
  total: z.number().int(),
});
export type Found = z.output<typeof Found>;

export const searchApi = defineApi({
  pluginId: 'search',
  operations: {
    search: get('/query', {
      summary: 'What fits the words best, typing errors forgiven',
      allow: 'unauthenticated',
      query: z.object({
        q: z.string().min(1).max(200),
        type: z.string().max(100).optional(),
        limit: z.number().int().min(1).max(100).default(10),
      }),
      response: Found,
    }),
    refresh: post('/refresh', {
      summary: 'Collects everything anew, on behalf of the caller',
      response: z.object({ documents: z.number().int() }),
    }),
  },
});
