import { BackplaneError } from './backplane-error.js';

export interface HttpErrorOptions {
  /** What a program can tell the error by, lower_snake. Each class has a default. */
  readonly code?: string;
  /** More for the caller, as JSON. */
  readonly details?: unknown;
  /** Goes to the log of a 5xx, never to the caller. */
  readonly cause?: unknown;
}

export interface RetryOptions extends HttpErrorOptions {
  /** Seconds after which the caller may try again. */
  readonly retryAfter?: number;
}

/**
 * An error that says what the caller is told: status, code, message and details are sent as they are.
 *
 * Only these choose a status; whatever else is thrown while a request is answered is a 500 without a word of its own.
 */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly #status: number;
  readonly #code: string;
  readonly #details: unknown;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: HttpErrorOptions & { readonly code: string; readonly headers?: Readonly<Record<string, string>> },
  ) {
    super(message, { cause: options.cause });
    if (!Number.isInteger(status) || status < 400 || status > 599) throw invalidStatus(status);
    this.#status = status;
    this.#code = options.code;
    this.#details = options.details;
    this.#headers = options.headers ?? {};
  }

  /** Tells without asking `value` anything, so a hostile one cannot answer. */
  static is(value: unknown): value is HttpError {
    return typeof value === 'object' && value !== null && #status in value;
  }

  get status(): number {
    return this.#status;
  }

  get code(): string {
    return this.#code;
  }

  get details(): unknown {
    return this.#details;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }
}

export class BadRequestError extends HttpError {
  constructor(message = 'The request is not valid', options: HttpErrorOptions = {}) {
    super(400, message, { code: 'bad_request', ...options });
  }
}

export class UnauthenticatedError extends HttpError {
  constructor(message = 'Missing credentials', options: HttpErrorOptions = {}) {
    super(401, message, { code: 'missing_credentials', headers: { 'WWW-Authenticate': 'Bearer' }, ...options });
  }
}

export class ForbiddenError extends HttpError {
  constructor(message = 'Not allowed', options: HttpErrorOptions = {}) {
    super(403, message, { code: 'forbidden', ...options });
  }
}

export class NotFoundError extends HttpError {
  constructor(message = 'Not found', options: HttpErrorOptions = {}) {
    super(404, message, { code: 'not_found', ...options });
  }
}

export class MethodNotAllowedError extends HttpError {
  constructor(allowed: readonly string[], options: HttpErrorOptions = {}) {
    super(405, 'Method not allowed', {
      code: 'method_not_allowed',
      headers: { Allow: allowed.join(', ') },
      ...options,
    });
  }
}

export class ConflictError extends HttpError {
  constructor(message = 'Conflict', options: HttpErrorOptions = {}) {
    super(409, message, { code: 'conflict', ...options });
  }
}

export class PayloadTooLargeError extends HttpError {
  constructor(message = 'The body is too large', options: HttpErrorOptions = {}) {
    super(413, message, { code: 'payload_too_large', ...options });
  }
}

export class UnsupportedMediaTypeError extends HttpError {
  constructor(message = 'The content type is not supported', options: HttpErrorOptions = {}) {
    super(415, message, { code: 'unsupported_media_type', ...options });
  }
}

export class TooManyRequestsError extends HttpError {
  constructor(message = 'Too many requests', options: RetryOptions = {}) {
    super(429, message, { code: 'too_many_requests', headers: retryAfter(options), ...options });
  }
}

export class ServiceUnavailableError extends HttpError {
  constructor(message = 'Service unavailable', options: RetryOptions = {}) {
    super(503, message, { code: 'service_unavailable', headers: retryAfter(options), ...options });
  }
}

function retryAfter({ retryAfter: seconds }: RetryOptions): Record<string, string> {
  return seconds === undefined ? {} : { 'Retry-After': String(Math.ceil(seconds)) };
}

function invalidStatus(status: unknown): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_HTTP_STATUS',
    message: `'${String(status)}' is not the status of an HTTP error`,
    path: [],
    fix: 'use a whole number from 400 to 599.',
  });
}
