import { isRemoteError, type RemoteError } from '../contract/remote-error.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { HttpError, ServiceUnavailableError } from '../errors/http-error.js';

/**
 * What the caller is told where an answer fails because of something that this process needs: what another plugin has
 * answered, or the database. That it was not there in time is told, with the time after which it wants to be asked
 * again; `undefined` for anything else, which is for the log.
 */
export function dependencyError(cause: unknown): HttpError | undefined {
  if (isRemoteError(cause)) return remoteFault(cause);
  return BackplaneError.is(cause) ? databaseFault(cause) : undefined;
}

function remoteFault(cause: RemoteError): HttpError | undefined {
  switch (cause.status) {
    case 503:
      return unavailable(cause, cause.retryAfter);
    case 504:
      return tooLate(cause);
    case 508:
      return new HttpError(508, 'The call has gone through too many plugins', { code: 'loop_detected', cause });
    default:
      return undefined;
  }
}

function databaseFault(cause: BackplaneError): HttpError | undefined {
  switch (cause.code) {
    case 'DATABASE_UNREACHABLE':
    case 'DATABASE_BUSY':
      return unavailable(cause, 1);
    case 'DATABASE_TIMEOUT':
      return tooLate(cause);
    case 'DATABASE_FULL':
      return new HttpError(507, 'There is no space left to store this', { code: 'insufficient_storage', cause });
    default:
      return undefined;
  }
}

function unavailable(cause: Error, retryAfter: number | undefined): HttpError {
  return new ServiceUnavailableError('Something that this needs is not available', {
    code: 'dependency_unavailable',
    cause,
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

function tooLate(cause: Error): HttpError {
  return new HttpError(504, 'Something that this needs took too long', { code: 'deadline_exceeded', cause });
}
