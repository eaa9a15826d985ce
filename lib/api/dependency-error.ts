import type { RemoteError } from '../contract/remote-error.js';
import { HttpError, ServiceUnavailableError } from '../errors/http-error.js';

/**
 * What the caller is told where an answer fails with what another plugin has answered: that this was not there in time
 * is told as it is, with the time after which it wants to be asked again; `undefined` for anything else, which is for the log.
 */
export function dependencyError(cause: RemoteError): HttpError | undefined {
  switch (cause.status) {
    case 503:
      return new ServiceUnavailableError('Something that this needs is not available', {
        code: 'dependency_unavailable',
        cause,
        ...(cause.retryAfter !== undefined && { retryAfter: cause.retryAfter }),
      });
    case 504:
      return new HttpError(504, 'Something that this needs took too long', { code: 'deadline_exceeded', cause });
    case 508:
      return new HttpError(508, 'The call has gone through too many plugins', { code: 'loop_detected', cause });
    default:
      return undefined;
  }
}
