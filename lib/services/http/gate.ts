import type { Allow } from '../../contract/allow.js';
import { UnauthenticatedError } from '../../errors/http-error.js';

/**
 * Lets a request pass to what said `allow`, or throws the error that refuses it.
 *
 * As long as nothing can tell who somebody is, only what is for anybody is open.
 */
export function admit(allow: Allow | undefined): void {
  if (allow !== 'unauthenticated') throw new UnauthenticatedError();
}
