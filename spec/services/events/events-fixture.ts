import { Inject, Plugin } from '../../../decorators/index.js';
import type { Class } from '../../../decorators/tokens.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import {
  type Event,
  type EventHandler,
  EventsService,
  type SubscribeOptions,
} from '../../../lib/api/events-service.js';
import type { Topic } from '../../../lib/contract/define-topic.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { override } from '../../../lib/testing/override.js';
import { RootLoggerService } from '../../../lib/api/logger-service.js';
import { changed } from './topics.js';

export interface Subscribed {
  readonly topic?: Topic;
  readonly options?: Partial<SubscribeOptions>;
  readonly handler: EventHandler<Topic>;
}

/** A plugin that has these subscriptions, by their ids, once it is ready. */
export function subscriber(pluginId: string, subscriptions: Readonly<Record<string, Subscribed>>): Class {
  @Plugin({ pluginId })
  class SubscribingPlugin {
    constructor(@Inject(EventsService) events: EventsService) {
      for (const [id, { topic = changed, options, handler }] of Object.entries(subscriptions)) {
        events.subscribe(topic, { id, ...options }, handler);
      }
    }
  }
  return SubscribingPlugin;
}

/** The plugin that owns the topics. */
@Plugin({ pluginId: 'store' })
export class StorePlugin {
  constructor(@Inject(EventsService) readonly events: EventsService) {}
}

/** By which events of the topics here are known. */
export function namesOf(events: readonly Event[]): string[] {
  return events.map(({ payload }) => (payload as { readonly name: string }).name);
}

interface EventsOptions {
  readonly events?: JsonObject;
  readonly database?: JsonObject;
  readonly overrides?: NonNullable<Parameters<typeof TestBackend.start>[0]>['overrides'];
}

/** A backend with a `backend.events`, and what it logs. */
export async function startEvents(
  features: readonly Class[],
  { events = {}, database = {}, overrides = [] }: EventsOptions = {},
) {
  const logger = mockServices.rootLogger();
  const retry = { initialDelay: 20, maxDelay: 100 };
  const backend = await TestBackend.start({
    features: [...features],
    config: { backend: { events: { retry, ...events }, database, logger: { level: 'silent' } } },
    overrides: [override(RootLoggerService).withValue(logger), ...overrides],
  });
  const eventsOf = (pluginId: string): EventsService => backend.get(EventsService, { pluginId });
  return {
    backend,
    logger,
    eventsOf,
    /** Publishes as the owner of the topics. */
    publish: (name: string, options: Parameters<EventsService['publish']>[2] = {}) =>
      eventsOf('store').publish(changed, { name }, options),
    [Symbol.asyncDispose]: () => backend.stop(),
  };
}
