import type { WebhookHandler, WebhookOptions } from '../lib/api/webhooks-service.js';
import type { Topic } from '../lib/contract/define-topic.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { methodDecorator, type MethodDecoratorFor } from './method-decorator.js';
import type { RouteAnnotation } from './routes.js';

/** What `@Webhook` records; `WebhooksService` receives it as `options`. */
export type WebhookAnnotation = WebhookOptions &
  RouteAnnotation & {
    /** What was written and is not the author's to say. */
    readonly overwritten?: readonly string[];
  };

/**
 * Publishes what others send by `POST`, once `validator` has found that it is from whom it claims. The method makes the
 * payload of the request. Answers 202 when the event cannot be lost any more.
 *
 * @example
 * @Webhook('/hooks/github', {
 *   topic: pushed,
 *   validator: githubSignature({ secret: 'catalog.github.webhookSecret' }),
 *   once: { header: 'x-github-delivery' },
 *   headers: ['x-github-event'],
 * })
 * push({ body }: WebhookRequest): Push { … }
 */
export function Webhook<T extends Topic>(
  path: string,
  options: WebhookOptions<T>,
): MethodDecoratorFor<WebhookHandler<T>> {
  refuseBare('Webhook', path);
  const overwritten = ['allow', 'method', 'path'].filter(name => Object.hasOwn(Object(options) as object, name));
  const annotation = {
    ...options,
    ...(overwritten.length > 0 && { overwritten }),
    method: 'POST',
    path,
    allow: 'unauthenticated',
  } as const;
  return methodDecorator('Webhook', 'core.webhooks', annotation, callSiteOf(Webhook));
}
