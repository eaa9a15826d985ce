import { BadRequestError } from 'backplane';
import { z } from 'zod';

/** What a request asks for; filters that are absent let everything through. */
export interface EntityQuery {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly license?: string | undefined;
  /** The name of something it depends on. */
  readonly dependency?: string | undefined;
  /** A piece of its name, title or description, in lower case. */
  readonly q?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

const once = z.string('must be given once');
const text = once.min(1, 'must not be empty').max(200, 'must have at most 200 characters');
const lowerCase = text.transform(value => value.toLowerCase());
const wholeNumber = once.regex(/^\d{1,9}$/, 'must be a whole number').transform(Number);

/** Reads the query of a request. Throws a `BadRequestError` that says everything that is wrong with it. */
export type EntityQueryReader = (query: unknown) => EntityQuery;

export function entityQueryReader(pageSize: { readonly default: number; readonly max: number }): EntityQueryReader {
  const limit = wholeNumber.refine(n => n >= 1 && n <= pageSize.max, `must be between 1 and ${pageSize.max}`);
  const schema = z.strictObject({
    kind: lowerCase.optional(),
    name: text.optional(),
    license: text.optional(),
    dependency: text.optional(),
    q: lowerCase.optional(),
    limit: limit.default(Math.min(pageSize.default, pageSize.max)),
    offset: wholeNumber.default(0),
  });
  return query => {
    const { success, data, error } = schema.safeParse(query);
    if (success) return data;
    throw new BadRequestError('The query is not valid', { details: error.issues.flatMap(violationsOf) });
  };
}

function violationsOf(issue: z.core.$ZodIssue): { pointer: string; rule: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: `/${issue.path.join('/')}`, rule: issue.message }];
  return issue.keys.map(key => ({ pointer: `/${key}`, rule: 'is not a filter of entities' }));
}
