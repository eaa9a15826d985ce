import { errorText, internalServerError } from '../../api/error-text.js';
import type { PluginRequest } from '../../api/http-services.js';
import { responsesOf, type OperationDefinition } from '../../contract/operation.js';
import { isRawBody } from '../../contract/raw-body.js';
import type { Schema } from '../../contract/schema.js';
import { HttpError } from '../../errors/http-error.js';
import { lastingBytes } from '../../util/lasting-bytes.js';
import { isFlowing } from '../../util/outflow.js';
import { MemoryResponse } from '../client/memory-response.js';
import { JsonCopy } from '../json-copy.js';
import { compiledShape } from './compiled-shape.js';
import { exactFitOf } from './exact-fit.js';
import { Fit } from './fit.js';
import type { QuickCheck } from './generated-check.js';
import type { Shape } from './json-shape.js';
import { projectionOf } from './projection.js';
import { sendBytes } from './send-bytes.js';
import { sendEventHead, sendEvents } from './send-events.js';
import type { TellError } from './told-error.js';

/** Sends what a handler has returned. A promise only where that comes bit by bit. Throws where it is not as declared. */
export type SendAnswer = (request: PluginRequest, value: unknown) => void | Promise<void>;

/** Compiles how the answers of an operation are sent. Throws where a schema is not understood. */
export function answerOf(operation: OperationDefinition, tell: TellError): SendAnswer {
  const { stream, responses } = operation;
  if (stream) return eventAnswer(operation, stream, tell);
  const sent = new Map(
    [...responsesOf(operation)].map(([status, declared]) => {
      if (isRawBody(declared)) return [status, rawAnswer(status, declared.contentType)];
      return [status, declared ? jsonAnswer(operation, status, declared) : emptyAnswer(status)];
    }),
  );
  if (!responses) return [...sent.values()][0]!;
  return (request, value) => {
    const { status, body } = (value ?? {}) as { status?: number; body?: unknown };
    const send = sent.get(status!);
    if (!send) throw new TypeError(`'${operation.name}' returned the status ${status}, which it does not declare`);
    return send(request, body);
  };
}

function emptyAnswer(status: number): SendAnswer {
  const headers = status === 204 ? [] : ['Content-Length', '0'];
  return ({ res }) => {
    res.writeHead(status, headers);
    res.end();
  };
}

function jsonAnswer(operation: OperationDefinition, status: number, schema: Schema): SendAnswer {
  const shape = compiledShape(schema, 'output');
  const fits = exactFitOf(shape);
  const jsonOf = jsonTextOf(operation, shape, fits);
  const nothing = emptyAnswer(204);
  return (request, value) => {
    if (value === undefined) return nothing(request, value);
    const { res } = request;
    if (res instanceof MemoryResponse && answersWithValue(res, status, value, fits)) return;
    request.sendJsonText(status, jsonOf(value));
  };
}

/** Answers a caller in this process without text, where that says the same. */
function answersWithValue(res: MemoryResponse, status: number, value: unknown, fits: QuickCheck): boolean {
  const limit = res.jsonLimit;
  if (limit === 0 || status === 204 || status === 205 || status === 304) return false;
  const copy = JsonCopy.of(value);
  if (!copy || copy.size > limit || !fits(copy.json)) return false;
  res.endWithJson(status, copy.json);
  return true;
}

/** JSON text of what a schema declares, and of nothing else. */
function jsonTextOf({ name }: OperationDefinition, shape: Shape, fits: QuickCheck): (value: unknown) => string {
  const project = projectionOf(shape);
  return value => {
    if (fits(value)) return JSON.stringify(value);
    const fit = new Fit();
    const text = project(value, '', fit);
    if (typeof text === 'string') return text;
    const { rule, pointer } = fit;
    throw new TypeError(`What '${name}' returned breaks the rule '${rule || 'type'}' of its response at '${pointer}'`);
  };
}

function rawAnswer(status: number, contentType: string): SendAnswer {
  return ({ req, res }, value) => {
    if (value instanceof Uint8Array) {
      const bytes = lastingBytes(value);
      res.writeHead(status, ['Content-Type', contentType, 'Content-Length', String(bytes.byteLength)]);
      res.end(bytes);
      return undefined;
    }
    if (!isFlowing(value)) throw new TypeError('A raw response is to be bytes, or an AsyncIterable of them');
    return sendBytes(res, [status, contentType], value, req.method === 'HEAD');
  };
}

/** Of an error that comes when the answer has begun. */
function errorTextOf(error: unknown, requestId: string): string {
  return errorText(HttpError.is(error) ? error : internalServerError, requestId);
}

function eventAnswer(operation: OperationDefinition, schema: Schema, tell: TellError): SendAnswer {
  const shape = compiledShape(schema, 'output');
  const jsonOf = jsonTextOf(operation, shape, exactFitOf(shape));
  const { status = 200 } = operation;
  return ({ req, res, requestId }, value) => {
    if (!isFlowing(value)) throw new TypeError('A stream is to be an AsyncIterable of events');
    if (req.method === 'HEAD') return sendEventHead(res, status);
    return sendEvents(res, status, value, { jsonOf, errorTextOf: error => errorTextOf(tell(error), requestId) });
  };
}
