import type { WebhookAnnotation } from '../../../decorators/webhook.js';
import type { AnnotatedMethod } from '../../api/annotated-method.js';
import type { Config } from '../../api/config-service.js';
import type { EventsService } from '../../api/events-service.js';
import type { AdmittedRequest, PluginRequest, RouteDefinition } from '../../api/http-services.js';
import type { WebhookHandler } from '../../api/webhooks-service.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { HttpError } from '../../errors/http-error.js';
import { parseDuration } from '../../util/duration.js';
import { sendJson } from '../../util/send-json.js';
import { admitBody, hasBody, readBytes, type BodyLimits } from '../server/request-body.js';
import type { AcceptsType } from '../server/media-type.js';
import { singleHeader } from './single-header.js';
import type { TakenOnce } from './taken-once.js';
import { acceptsOneOf, readBody } from './webhook-body.js';
import { badHeader, invalidEvent, notAccepted } from './webhook-errors.js';
import { proofOf, type Proof } from './webhook-proof.js';

/** What happened to a request: `ignored` where its webhook has made no event of it. */
export type Outcome = 'published' | 'repeated' | 'ignored';

/** What a webhook needs of its plugin. */
export interface WebhookPlace {
  readonly config: Config;
  readonly events: EventsService;
  readonly taken: TakenOnce;
  /** Told of every request that was accepted or refused, or failed, for the audit. */
  tell(req: PluginRequest['req'], path: string, outcome: Outcome | HttpError | 'failed'): void;
}

const usualBodySize = 5 * 1_024 * 1_024;
const usualTimeout = 10_000;

/** The route of a webhook: proves who has sent the request, makes an event of it, and answers once that is published. */
export class WebhookRoute implements RouteDefinition {
  readonly method = 'POST';
  readonly path: string;
  readonly allow = 'unauthenticated';
  readonly provesItself = true;
  readonly timeout: number;
  readonly source: AnnotatedMethod;
  readonly #options: WebhookAnnotation;
  readonly #place: WebhookPlace;
  readonly #proof: Proof;
  readonly #accepts: AcceptsType;
  readonly #limits: BodyLimits;
  readonly #handle: WebhookHandler;

  constructor(source: AnnotatedMethod, place: WebhookPlace) {
    this.#options = source.options as WebhookAnnotation;
    const { path, timeout = usualTimeout, validator, maxBodySize: maxSize = usualBodySize } = this.#options;
    this.path = path;
    this.timeout = timeout;
    this.source = source;
    this.#place = place;
    this.#proof = proofOf(validator, place.config);
    this.#accepts = acceptsOneOf(this.#options.contentTypes ?? ['application/json']);
    this.#limits = { maxSize, gzip: false };
    this.#handle = source.call as WebhookHandler;
  }

  async answer({ request, params }: AdmittedRequest): Promise<void> {
    const { req, res } = request;
    try {
      const outcome = await this.#take(request, params);
      this.#place.tell(req, this.path, outcome);
    } catch (error) {
      // The rest of the body is not waited for.
      if (!req.complete && hasBody(req) && !res.headersSent) res.shouldKeepAlive = false;
      this.#place.tell(req, this.path, HttpError.is(error) ? error : 'failed');
      throw error;
    }
    if (!res.headersSent && !res.destroyed) sendJson(res, 202, { status: 'accepted' });
  }

  async #take(request: PluginRequest, params: AdmittedRequest['params']): Promise<Outcome> {
    const { req } = request;
    const delivery = this.#deliveryOf(req);
    const headers = this.#declaredHeaders(req);
    unlessMissing(() => this.#proof.checkHead(req));
    if (req.readableDidRead) throw new Error(`Middleware has read the body that '${this.path}' needs byte by byte`);
    admitBody(request, this.#accepts, this.#limits);
    const rawBody = await readBytes(request, this.#limits, bytes => bytes);
    const proven = await unlessMissing(() => this.#proof.check(req, rawBody, params));
    const body = readBody(req.headers['content-type'], rawBody);
    const place = JSON.stringify([this.path, Object.entries(params)]);
    const keys = [
      ...(delivery === undefined ? [] : [`${place} header ${delivery}`]),
      ...(this.#options.once === 'body' ? [`${place} body ${rawBody.toString('latin1')}`] : []),
      // No signature is over the path: whoever has seen one shall not send it to another place.
      ...(proven === undefined ? [] : [`${this.path} proven ${proven}`]),
    ];
    let outcome: Outcome = 'ignored';
    const publish = async (): Promise<void> => {
      const payload = await this.#handle({ body, rawBody, headers, params });
      if (payload === undefined) return;
      await this.#publish(payload, headers);
      outcome = 'published';
    };
    if (keys.length === 0) await publish();
    else if (!(await this.#place.taken.once(keys, this.#memory, publish))) return 'repeated';
    return outcome;
  }

  get #memory(): number {
    const { once, remember = '1d' } = this.#options;
    return Math.max(once === undefined ? 0 : parseDuration(remember)!, this.#proof.replayWindow ?? 0);
  }

  async #publish(payload: unknown, metadata: Readonly<Record<string, string>>): Promise<void> {
    const { topic, key: keyOf } = this.#options;
    const key = keyOf?.(payload);
    try {
      await this.#place.events.publish(topic, payload, { metadata, ...(key !== undefined && { key }) });
    } catch (error) {
      if (error instanceof BackplaneError && error.code === 'INVALID_EVENT') throw invalidEvent(error);
      throw notAccepted(error);
    }
  }

  /** A sender that left it out could send the same again. */
  #deliveryOf(req: PluginRequest['req']): string | undefined {
    const { once } = this.#options;
    if (typeof once !== 'object') return undefined;
    const delivery = singleHeader(req, once.header.toLowerCase());
    if (delivery === undefined) throw badHeader(once.header, 'is missing');
    return delivery;
  }

  #declaredHeaders(req: PluginRequest['req']): Record<string, string> {
    const names = (this.#options.headers ?? []).map(name => name.toLowerCase());
    const declared = names.map(name => [name, singleHeader(req, name)] as const);
    return Object.fromEntries(declared.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }
}

/** A secret that a reload has taken away lets nobody in, but the sender may try again. */
function unlessMissing<R>(prove: () => R): R {
  try {
    return prove();
  } catch (error) {
    throw error instanceof BackplaneError ? notAccepted(error) : error;
  }
}
