import { Service } from '../../decorators/service.js';
import type { PayloadInputOf, Topic } from '../contract/define-topic.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from './annotated-method.js';
import type { Duration } from './duration.js';
import type { WebhookValidator } from './webhook-validators.js';

/** A request that has been proven to be from whom it claims. */
export interface WebhookRequest {
  /** JSON as it was read, the fields of a form, `undefined` for other content types. */
  readonly body: unknown;
  readonly rawBody: Buffer;
  /** The headers that the webhook declares, by their names in lower case. Nobody has signed them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The values of the path's `:name` segments, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface WebhookOptions<T extends Topic = Topic> {
  /** What is published. It belongs to the webhook's plugin. */
  readonly topic: T;
  /** Who may send. There is none by default: without it the backend does not start. */
  readonly validator: WebhookValidator;
  /** The headers that go into the metadata of the event; no others do. */
  readonly headers?: readonly string[];
  /** The key of the event: what has the same one is delivered in order. */
  readonly key?: (payload: PayloadInputOf<T>) => string | undefined;
  /**
   * What is taken once only: whatever has the same value of a header, as `x-github-delivery`, or `'body'`: the same
   * bytes. A repetition is answered as the first was and publishes nothing. A signature with a time in it is taken once
   * anyhow.
   */
  readonly once?: 'body' | { readonly header: string };
  /** For how long what is taken once is remembered. Default: a day. */
  readonly remember?: Duration;
  /** Default: `application/json`. */
  readonly contentTypes?: readonly string[];
  /** In bytes. Default: 5 MiB. */
  readonly maxBodySize?: number;
  /** How long the answer may take, in ms; then the sender gets 503. Default: 10 s, as long as senders usually wait. */
  readonly timeout?: number;
}

/** Makes the payload of the event; `undefined` means that there is nothing to publish. */
export type WebhookHandler<T extends Topic = Topic> = (
  request: WebhookRequest,
) => PayloadInputOf<T> | undefined | Promise<PayloadInputOf<T> | undefined>;

/** The webhooks of one plugin: what others send to it by HTTP becomes an event. */
@Service({ id: 'core.webhooks', scope: 'plugin' })
export abstract class WebhooksService implements AnnotatedMethodReceiver {
  abstract addMethod(method: AnnotatedMethod): TakeOut | void;
}
