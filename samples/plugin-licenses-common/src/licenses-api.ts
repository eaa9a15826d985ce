import { defineApi, get } from 'backplane/contract';
import { z } from 'zod';

export const Verdict = z.enum(['allowed', 'denied', 'unstated', 'unreviewed']);
export type Verdict = z.output<typeof Verdict>;

/** The verdict on one version of one thing. */
export const Finding = z.object({
  kind: z.string(),
  name: z.string(),
  version: z.string().optional(),
  license: z.string().optional(),
  verdict: Verdict,
});
export type Finding = z.output<typeof Finding>;

const Report = z.object({
  /** How many entities were looked at. */
  checked: z.number().int(),
  verdicts: z.record(Verdict, z.number().int()),
  /** What is not allowed, or not known to be. */
  findings: z.array(Finding),
});
export type Report = z.output<typeof Report>;

export const licensesApi = defineApi({
  pluginId: 'licenses',
  operations: {
    getReport: get('/report', {
      summary: 'What the catalog knows, held against the policy',
      allow: 'unauthenticated',
      response: Report,
    }),
    check: get('/check/:kind/:name', {
      summary: 'The verdict on every version of one thing',
      allow: 'unauthenticated',
      params: z.object({ kind: z.string(), name: z.string() }),
      response: z.object({ items: z.array(Finding) }),
      errors: { unknown_entity: { status: 404, description: 'The catalog has no such entity' } },
    }),
  },
});
