import { ForbiddenError, ServiceUnavailableError, UnauthenticatedError } from '../../errors/http-error.js';

// What a caller is told says nothing about why: that would help whoever guesses.

/** The token is none, is no longer one, or is not one for here. */
export function illegalToken(): UnauthenticatedError {
  return new UnauthenticatedError('Illegal token', { code: 'illegal_token' });
}

/** Whoever has issued the token cannot be asked for its keys now. */
export function keysUnavailable(cause: unknown): ServiceUnavailableError {
  const message = 'Tokens cannot be verified at the moment';
  return new ServiceUnavailableError(message, { code: 'keys_unavailable', retryAfter: 1, cause });
}

/** The token is good, but not at this plugin. */
export function restrictedToken(): ForbiddenError {
  return new ForbiddenError('This token must not be used here', { code: 'restricted_token' });
}

/** A handler of the installation could not be asked about the token. */
export function tokenCheckUnavailable(cause: unknown): ServiceUnavailableError {
  const message = 'Tokens cannot be verified at the moment';
  return new ServiceUnavailableError(message, { code: 'token_check_unavailable', retryAfter: 1, cause });
}
