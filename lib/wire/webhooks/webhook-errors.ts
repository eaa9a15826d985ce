import { BadRequestError, ForbiddenError, HttpError, ServiceUnavailableError } from '../../errors/http-error.js';

/** There is nothing that could prove who has sent the request. */
export function missingSignature(): HttpError {
  const headers = { 'WWW-Authenticate': 'Signature' };
  return new HttpError(401, 'The signature is missing', { code: 'missing_signature', headers });
}

/** It is not from whom it claims, or was changed on its way; which of the two nobody is told. */
export function badSignature(cause?: unknown): HttpError {
  return new ForbiddenError('The signature is not valid', { code: 'bad_signature', cause });
}

export function expiredSignature(): HttpError {
  return new ForbiddenError('The signature is too old, or from the future', { code: 'signature_expired' });
}

export function badHeader(name: string, what: string): HttpError {
  return new BadRequestError(`The header ${name} ${what}`, { code: 'bad_header' });
}

/** The payload is none of the topic. */
export function invalidEvent(cause: unknown): HttpError {
  return new BadRequestError('The event is not as its topic declares', { code: 'invalid_event', cause });
}

/** Nothing is lost as long as the sender tries again. */
export function notAccepted(cause: unknown): HttpError {
  return new ServiceUnavailableError('The event could not be accepted', {
    code: 'event_not_accepted',
    retryAfter: 5,
    cause,
  });
}
