/** A body that is passed on byte by byte, as it comes. */
export interface RawBody<T extends string = string> {
  readonly kind: 'raw';
  /** Its media type, as `application/octet-stream`. */
  readonly contentType: T;
}

/**
 * Says that a body, of a request or of a response, is bytes and not JSON.
 *
 * @example
 * putIcon: put('/icons/:name', { params: IconName, body: raw('image/png') })
 */
export function raw<T extends string>(contentType: T): RawBody<T> {
  return Object.freeze({ kind: 'raw', contentType });
}

export function isRawBody(value: unknown): value is RawBody {
  const { kind, contentType } = (value ?? {}) as { kind?: unknown; contentType?: unknown };
  return (
    kind === 'raw' && typeof contentType === 'string' && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/.test(contentType)
  );
}
