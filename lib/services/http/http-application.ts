import Koa, { type ParameterizedContext } from 'koa';
import type { AdmittedRequest, PluginContext, PluginRequest } from '../../api/http-services.js';
import { contextProperties, requestOf, requestProperties, responseProperties } from './context-properties.js';
import { answerError, type ErrorReporter } from './error-answer.js';
import { hearOnAccount } from './heard-request.js';
import { assertFinal, errorOfMiddleware, statusError } from './status-error.js';
import { sendStream, streamOf } from './stream-body.js';

/** Koa's typings leave this one out. */
const koa = Koa.prototype as unknown as {
  handleRequest(ctx: ParameterizedContext, middleware: () => Promise<void>): Promise<void>;
};

const noParams = Object.freeze(Object.create(null) as Record<string, string>);

type Draft = { -readonly [K in keyof PluginContext]: PluginContext[K] } & { [requestOf]: PluginRequest };

/**
 * The Koa application of one plugin, or of one path of the root's: what middleware finds as `ctx.app`.
 *
 * Each has its own, so neither `ctx.app` nor `ctx.state` leads from one to another.
 */
export class HttpApplication extends Koa {
  readonly #report: ErrorReporter;

  constructor(env: string, pluginId: string | undefined, report: ErrorReporter) {
    super({ env });
    this.#report = report;
    const onError = (request: PluginRequest, error: unknown) => answerError(request, error, report);
    Object.defineProperties(this.context, contextProperties(this.context as never, pluginId, onError));
    Object.defineProperties(this.request, requestProperties);
    Object.defineProperties(this.response, responseProperties(this.response));
    // What middleware tells the application, as it would any of Koa's. Koa itself only looks whether somebody listens.
    this.on('error', (error: unknown, ctx?: Partial<Draft>) => report(error, ctx?.[requestOf]));
  }

  /**
   * Runs `work` with a fresh context and answers the request: with what it leaves in the context, or with the error it
   * ends with. Until then `ctx.url` is relative to `request.path`.
   */
  async serve(
    request: PluginRequest,
    work: (ctx: PluginContext) => Promise<void>,
    admitted?: AdmittedRequest,
  ): Promise<void> {
    const ctx = this.#contextOf(request, admitted);
    try {
      await work(ctx);
      // Where nothing can be written any more, Koa would end an answer that it has not given.
      if (ctx.respond !== false && !ctx.res.headersSent && ctx.writable) await this.#send(ctx);
      ctx.req.url = ctx.originalUrl;
    } catch (error) {
      ctx.req.url = ctx.originalUrl;
      answerError(request, errorOfMiddleware(error), this.#report);
    }
  }

  #contextOf(request: PluginRequest, admitted: AdmittedRequest | undefined): PluginContext {
    const { req, path } = request;
    const { res } = request;
    // Of two answers on one connection Node would let the second fill up what the first owes, or begin with its rest.
    // What the framework says of its own answers is true, and to count their bytes again takes time.
    res.strictContentLength = true;
    hearOnAccount(req);
    const ctx = this.createContext(req, res) as Draft;
    ctx[requestOf] = request;
    ctx.requestId = request.requestId;
    ctx.params = admitted?.params ?? noParams;
    if (admitted) ctx.credentials = admitted.credentials;
    ctx.state = Object.create(null);
    const query = req.url!.indexOf('?');
    req.url = query === -1 ? path : path + req.url!.slice(query);
    return ctx;
  }

  /** As Koa does, but for an error without a body, which gets ours. */
  async #send(ctx: PluginContext): Promise<void> {
    const { res, status } = ctx;
    assertFinal(status);
    const stream = ctx.method === 'HEAD' || isWithoutBody(status) || !ctx.writable ? undefined : streamOf(ctx.body);
    if (status >= 400 && (ctx.body === undefined || ctx.body === null)) {
      throw statusError(status, { headers: explanatoryHeaders(ctx) });
    }
    if (stream) {
      res.statusCode = status;
      return sendStream(res, stream).catch((error: Error) => ctx.onerror(error));
    }
    await koa.handleRequest.call(this, ctx, () => {
      res.statusCode = status;
      return Promise.resolve();
    });
  }
}

function isWithoutBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function explanatoryHeaders({ res }: PluginContext): Record<string, string> {
  const names = ['Allow', 'Retry-After', 'WWW-Authenticate'];
  return Object.fromEntries(names.filter(name => res.hasHeader(name)).map(name => [name, String(res.getHeader(name))]));
}
