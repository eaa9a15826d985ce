import { HttpError, ServiceUnavailableError } from '../../errors/http-error.js';

/** The caller said how long it waits, and that is over. */
export function callerGaveUp(): HttpError {
  return new HttpError(504, 'The answer took longer than the caller waits', { code: 'deadline_exceeded' });
}

/** The handler had its time. */
export function handlerTimeout(): HttpError {
  return new ServiceUnavailableError('The answer took too long', { code: 'handler_timeout' });
}
