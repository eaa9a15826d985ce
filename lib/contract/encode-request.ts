import { ContractError } from './contract-error.js';
import type { OperationDefinition } from './operation.js';
import { isRawBody } from './raw-body.js';
import { isReservedHeader } from './reserved-headers.js';

/** A request to an operation, as any transport can send it. */
export interface EncodedRequest<J = string> {
  readonly method: string;
  /** Below `/api/<pluginId>`, with the query; starts with a slash; encoded. */
  readonly path: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: J | Uint8Array | AsyncIterable<Uint8Array>;
}

interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const parts = ['params', 'query', 'headers', 'body'] as const;

/**
 * The request that calls `operation` with `input`, `{ params, query, headers, body }`. What is `undefined` is left out;
 * a list in the query is written once for each of its members. Schemas are the server's to check.
 *
 * JSON is text, unless `copyOf` makes something else of it.
 *
 * Throws a `ContractError` with code `UNSENDABLE_REQUEST` for what has no text, as an object in the query, and for what
 * could become another request, as an empty parameter of the path.
 */
export function encodeRequest<J = string>(
  operation: OperationDefinition,
  input: unknown,
  copyOf?: (body: unknown) => J | undefined,
): EncodedRequest<J | string> {
  const given = inputOf(operation, input);
  const path = pathOf(operation, given.params) + queryOf(operation, given.query);
  const headers: Record<string, string> = { accept: acceptedBy(operation) };
  for (const [name, value] of Object.entries(given.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = headerOf(operation, name, value);
  }
  const { body } = given;
  if (body === undefined) return { method: operation.method, path, headers };
  if (isRawBody(operation.body)) {
    headers['content-type'] = operation.body.contentType;
    return { method: operation.method, path, headers, body: rawBodyOf(operation, body) };
  }
  headers['content-type'] = 'application/json';
  return { method: operation.method, path, headers, body: copyOf?.(body) ?? jsonOf(operation, body) };
}

function inputOf(operation: OperationDefinition, input: unknown): Input {
  const given = input ?? {};
  if (typeof given !== 'object')
    throw unsendable(operation, 'is called with what is no { params, query, headers, body }', 'pass an object.');
  for (const [part, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!(parts as readonly string[]).includes(part) || operation[part as (typeof parts)[number]] === undefined) {
      throw unsendable(operation, `takes no '${part}'`, `leave it out, or declare '${part}' in the operation.`);
    }
    if (part !== 'body' && (typeof value !== 'object' || value === null)) {
      throw unsendable(operation, `is called with '${part}' that is no object`, `pass ${part}: { … }.`);
    }
  }
  return given;
}

function pathOf(operation: OperationDefinition, params: Input['params'] = {}): string {
  const { path } = operation;
  if (!path.includes('/:')) return path;
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const text = textOf(operation, `parameter '${name}'`, Object.hasOwn(params, name) ? params[name] : undefined);
    // A URL without the segment, or with one that means another place, is another request.
    if (text === '' || text === '.' || text === '..') {
      throw unsendable(
        operation,
        `is called with parameter '${name}' that is '${text}'`,
        'pass a text that can be one segment of a path.',
      );
    }
    return encoded(operation, `parameter '${name}'`, text);
  });
}

function queryOf(operation: OperationDefinition, query: Input['query']): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query ?? {})) {
    const what = `'${name}' in the query`;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one === undefined) continue;
      pairs.push(`${encoded(operation, what, name)}=${encoded(operation, what, textOf(operation, what, one))}`);
    }
  }
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function headerOf(operation: OperationDefinition, name: string, value: unknown): string {
  const what = `header '${name}'`;
  if (isReservedHeader(name.toLowerCase()))
    throw unsendable(operation, `is called with ${what}, which is the wire's own`, 'leave it out.');
  const text = textOf(operation, what, value);
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text) || text.trim() !== text)
    throw unsendable(operation, `is called with ${what} that cannot be sent`, 'pass a text of one line, in Latin-1.');
  return text;
}

/** A text, a finite number, a boolean, or what says it is one of these in JSON, as a `Date`. */
function textOf(operation: OperationDefinition, what: string, value: unknown): string {
  const plain = plainOf(value);
  if (typeof plain === 'string') return plain;
  if (typeof plain === 'boolean' || typeof plain === 'bigint' || Number.isFinite(plain)) return String(plain);
  const kind =
    plain === null
      ? 'null'
      : Array.isArray(plain)
        ? 'a list'
        : typeof plain === 'number'
          ? String(plain)
          : typeof plain;
  throw unsendable(operation, `is called with ${what} that is ${kind}`, 'pass a text, a number or a boolean.');
}

function plainOf(value: unknown): unknown {
  const says = typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
  return says ? (value as { toJSON(): unknown }).toJSON() : value;
}

function encoded(operation: OperationDefinition, what: string, text: string): string {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw unsendable(
      operation,
      `is called with ${what} that is no Unicode text`,
      'pass a text without half characters.',
      cause,
    );
  }
}

function jsonOf(operation: OperationDefinition, body: unknown): string {
  let cause: unknown;
  try {
    const text = JSON.stringify(body) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    cause = error;
  }
  throw unsendable(operation, 'is called with a body that is not JSON', 'pass what JSON can say.', cause);
}

function rawBodyOf(operation: OperationDefinition, body: unknown): Uint8Array | AsyncIterable<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return body as AsyncIterable<Uint8Array>;
  throw unsendable(
    operation,
    'is called with a body that is not bytes',
    'pass a Uint8Array, or an AsyncIterable of them.',
  );
}

function acceptedBy({ stream, response }: OperationDefinition): string {
  if (stream) return 'text/event-stream';
  return isRawBody(response) ? response.contentType : 'application/json';
}

function unsendable(
  { name, pluginId }: OperationDefinition,
  what: string,
  fix: string,
  cause?: unknown,
): ContractError {
  const message = `Operation '${name}' of plugin '${pluginId}' ${what}`;
  return new ContractError(
    [
      {
        code: 'UNSENDABLE_REQUEST',
        message,
        path: [`in operation '${pluginId}.${name}'`],
        fix,
        ...(cause !== undefined && { cause }),
      },
    ],
    encodeRequest,
  );
}
