import type { EventHandler, SubscribeOptions } from '../lib/api/events-service.js';
import type { Topic } from '../lib/contract/define-topic.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { methodDecorator, type MethodDecoratorFor } from './method-decorator.js';

/** What `@Subscribe` records; `EventsService` receives it as `options`. */
export interface SubscriptionAnnotation extends SubscribeOptions {
  readonly topic: Topic;
}

/**
 * Makes a method handle the events of a topic, once its plugin is ready and until it stops.
 *
 * What cannot be kept is reported by the plan: something that is no topic, an id that is missing or taken
 * (`INVALID_SUBSCRIPTION`, `DUPLICATE_SUBSCRIPTION`), a private topic of another plugin (`FOREIGN_TOPIC`).
 *
 * @example
 * @Subscribe(entityChanged, { id: 'index' })
 * async index({ payload }: Event<typeof entityChanged>): Promise<void> { … }
 */
export function Subscribe<T extends Topic>(topic: T, options: SubscribeOptions): MethodDecoratorFor<EventHandler<T>> {
  refuseBare('Subscribe', topic);
  const annotation = { ...options, topic } satisfies SubscriptionAnnotation;
  return methodDecorator('Subscribe', 'core.events', annotation, callSiteOf(Subscribe));
}
