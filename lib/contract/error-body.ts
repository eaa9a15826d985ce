/** What every answer that is not a success carries as its JSON body. */
export interface ErrorBody {
  readonly error: {
    /** Stable, lower_snake, as `plugin_unavailable`. Programs decide by it. */
    readonly code: string;
    /** For people. A server's own failure is never told here, only that there was one. */
    readonly message: string;
    /** For 400, each `{ pointer, rule }` that was broken; otherwise the payload of a declared error. */
    readonly details?: unknown;
  };
  /** Finds the request in the log. */
  readonly requestId: string;
}

/** Whether `value`, as parsed from JSON, is the body of an error. Members that it does not know are left alone. */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (!isObject(value) || typeof value['requestId'] !== 'string') return false;
  const { error } = value;
  return isObject(error) && typeof error['code'] === 'string' && typeof error['message'] === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
