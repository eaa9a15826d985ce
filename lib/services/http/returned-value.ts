import { Readable, Stream } from 'node:stream';
import type { PluginContext } from '../../api/http-services.js';
import { requestBehind } from './context-properties.js';
import { assertFinal } from './status-error.js';

/**
 * Makes what a handler returned the answer: a string as text, plain data as JSON, and whatever else Koa knows to send.
 * `undefined` is the answer the handler has put into the context, or else 204.
 *
 * Text and data go out at once, with their length and in one piece; the way through `ctx.body` takes three times as long.
 */
export function sendReturned(ctx: PluginContext, value: unknown): void {
  const { res } = ctx;
  if (res.headersSent || res.destroyed || ctx.respond === false) return;
  if (value === undefined) {
    settleWithoutValue(ctx);
  } else if (isPlain(value) && res.statusCode !== 204 && res.statusCode !== 205 && res.statusCode !== 304) {
    const hasType = res.hasHeader('content-type');
    const text = typeof value === 'string' ? value : jsonOf(value);
    assertFinal(res.statusCode);
    if (typeof value !== 'string' && !hasType) return requestBehind(ctx).sendJsonText(res.statusCode, text);
    const headers = ['Content-Length', String(Buffer.byteLength(text))];
    res.writeHead(res.statusCode, hasType ? headers : [...headers, 'Content-Type', textType]);
    res.end(text);
  } else {
    putReturned(ctx, value);
  }
}

/** The same by way of the context, where middleware around the handler may still change it. */
export function putReturned(ctx: PluginContext, value: unknown): void {
  if (ctx.res.headersSent || ctx.respond === false) return;
  if (value === undefined) {
    settleWithoutValue(ctx);
  } else if (value === null) {
    // Koa takes this for no body, unless it is said to be JSON.
    ctx.type = 'json';
    ctx.body = null;
  } else {
    // Koa takes a string that begins with '<' for HTML; only its author knows whether it is safe as that.
    if (typeof value === 'string' && !ctx.res.hasHeader('Content-Type')) ctx.type = 'text';
    ctx.body = isGenerated(value) ? Readable.from(value) : value;
  }
}

const textType = 'text/plain; charset=utf-8';

function settleWithoutValue(ctx: PluginContext): void {
  if (ctx.body !== undefined || ctx.status >= 400) return;
  if (ctx.status === 200) ctx.status = 204;
  ctx.body = '';
  ctx.remove('Content-Type');
}

/** What comes bit by bit: the object of an async generator, but none of the streams, which Koa knows. */
function isGenerated(value: unknown): value is AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return false;
  return !(value instanceof Stream) && !(value instanceof ReadableStream);
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`A handler returned a ${typeof value}, which is not JSON`);
  return text;
}
