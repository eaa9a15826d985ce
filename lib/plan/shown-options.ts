import type { OperationAnnotation } from '../../decorators/operation.js';
import type { SubscriptionAnnotation } from '../../decorators/subscribe.js';
import type { WebhookAnnotation } from '../../decorators/webhook.js';

/** What JSON keeps of what a decorator was given for `service`. Schemas are the contract's to show. */
export function shownOptions(service: string, options: unknown): unknown {
  const text = JSON.stringify(shown(service, options)) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

function shown(service: string, options: unknown): unknown {
  switch (service) {
    case 'core.operations': {
      const { operation, allow } = options as OperationAnnotation;
      const { name, method, path } = operation;
      return { operation: name, method, path, allow: allow ?? operation.allow };
    }
    case 'core.events': {
      const { topic, ...others } = options as SubscriptionAnnotation;
      return { topic: topic.name, ...others };
    }
    case 'core.webhooks': {
      const { topic, validator, ...others } = options as WebhookAnnotation;
      return { ...others, topic: topic.name, validator: typeof validator === 'function' ? 'function' : validator };
    }
    default:
      return options;
  }
}
