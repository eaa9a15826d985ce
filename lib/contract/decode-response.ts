import { decodeEvents } from './event-stream.js';
import { usualStatus, type OperationDefinition } from './operation.js';
import { isRawBody } from './raw-body.js';
import { invalidAnswer, toldError } from './remote-error.js';

/** An answer, as any transport can give it. */
export interface EncodedResponse {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The whole body as text; rejects where it is too long or cut off. */
  text(): Promise<string>;
  readonly body: AsyncIterable<Uint8Array>;
  /** The body, where the transport carries values instead of their text. */
  readonly json?: { readonly value: unknown } | undefined;
  /** Says that nobody reads the body any more. */
  cancel(): void;
}

/**
 * What `response` answers to `operation`: the value of its JSON, `{ status, body }` where there are several responses,
 * an `AsyncIterable` of events or of bytes, or `undefined`. The body is then read, or cancelled, or is read by whoever
 * reads that.
 *
 * Rejects with `RemoteError`: with what the other side tells of an error, and with code `INVALID_ANSWER` where it
 * answers what the contract does not know.
 */
export async function decodeResponse(operation: OperationDefinition, response: EncodedResponse): Promise<unknown> {
  const { status } = response;
  const { responses } = operation;
  const isKnown = responses ? Object.hasOwn(responses, status) : status === usualStatus(operation);
  if (!isKnown) throw await errorIn(operation, response);
  const declared = responses ? responses[status] : operation.response;
  if (operation.stream) {
    if (mediaTypeOf(response) === 'text/event-stream') return valuesIn(operation, response.body);
    response.cancel();
    throw invalidAnswer(operation, status, 'that is no stream of events');
  }
  if (isRawBody(declared)) return response.body;
  if (!declared) response.cancel();
  const { json } = response;
  const body = json ? json.value : declared ? parsed(operation, status, await response.text()) : undefined;
  return responses ? { status, body } : body;
}

async function errorIn(operation: OperationDefinition, response: EncodedResponse): Promise<Error> {
  const { status } = response;
  if (status < 400) {
    response.cancel();
    return invalidAnswer(operation, status, 'which it does not declare');
  }
  const text = await response.text();
  try {
    return toldError(operation, status, JSON.parse(text), retryAfterOf(response));
  } catch (cause) {
    return invalidAnswer(operation, status, 'without saying why', cause);
  }
}

/** What `Retry-After` says, in seconds; a date, which needs a clock that agrees, is left out. */
function retryAfterOf({ headers }: EncodedResponse): number | undefined {
  const seconds = headers['retry-after'];
  return typeof seconds === 'string' && /^\d{1,6}$/.test(seconds) ? Number(seconds) : undefined;
}

async function* valuesIn(
  operation: OperationDefinition,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<unknown, void, undefined> {
  for await (const { type, data } of decodeEvents(body)) {
    const value = parsed(operation, 200, data);
    if (type === 'error') throw toldError(operation, statusOf(operation, value), value);
    if (type === 'message') yield value;
  }
}

/** The status of an error that came when the answer had begun. */
function statusOf({ errors }: OperationDefinition, body: unknown): number {
  const code = (body as { error?: { code?: unknown } } | null)?.error?.code;
  return typeof code === 'string' && errors && Object.hasOwn(errors, code) ? errors[code]!.status : 500;
}

function parsed(operation: OperationDefinition, status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidAnswer(operation, status, 'and a body that is not JSON', cause);
  }
}

function mediaTypeOf({ headers }: EncodedResponse): string | undefined {
  const type = headers['content-type'];
  return typeof type === 'string' ? type.split(';', 1)[0]!.trim().toLowerCase() : undefined;
}
