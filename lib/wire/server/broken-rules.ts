import { BadRequestError } from '../../errors/http-error.js';

/** What of a request is not as declared. The value itself is never told: it may be a secret. */
export interface BrokenRule {
  /** A JSON pointer that begins with the part of the request, as `/query/limit`. */
  readonly pointer: string;
  /** As `type`, `required`, `undeclared`, or what the schema's library calls it. */
  readonly rule: string;
}

/** As many as an answer tells; a caller who breaks more has other worries. */
export const mostRules = 20;

/** The 400 that tells which rules were broken. */
export function invalidRequest(rules: readonly BrokenRule[]): BadRequestError {
  return new BadRequestError('The request is not as declared', {
    code: 'invalid_request',
    details: rules.slice(0, mostRules),
  });
}

/** `pointer` below `key`. A key that is no name, and thus made up by the caller, is not repeated to them. */
export function pointerBelow(key: PropertyKey, pointer: string): string {
  const name = String(key);
  return /^[\w$.\-@:]{1,64}$/.test(name) ? `/${name}${pointer}` : '';
}
