import type { SubscriptionAnnotation } from '../../../decorators/subscribe.js';
import { subscriptionFaults } from '../../api/subscription-faults.js';
import type { MethodPlan, OwnerPlan } from '../owner-plan.js';
import { describeOwner, type Report } from '../trail.js';
import { describeMethod } from './methods.js';

/** Subscriptions of a plugin and its modules that nobody can keep, and two by the same id. */
export function checkSubscriptions(members: readonly OwnerPlan[], report: Report): void {
  const seen = new Map<string, readonly [MethodPlan, OwnerPlan]>();
  for (const plan of members) {
    for (const method of plan.methods) {
      if (method.annotation.service !== 'core.events') continue;
      const { topic, ...options } = method.options as SubscriptionAnnotation;
      const { pluginId } = plan.owner;
      const path = [`in ${describeOwner(plan.owner)}`, `-> ${describeMethod(method)}`];
      const faults = subscriptionFaults(pluginId, { topic, options });
      for (const fault of faults) report({ ...fault, path });
      if (faults.length > 0) continue;
      const [earlier, owner] = seen.get(options.id) ?? [];
      seen.set(options.id, [method, plan]);
      if (!earlier || !owner || (earlier.record === method.record && earlier.annotation === method.annotation))
        continue;
      report({
        code: 'DUPLICATE_SUBSCRIPTION',
        message: `Plugin '${pluginId}' has two subscriptions '${options.id}'`,
        path: [`in ${describeOwner(owner.owner)}`, `-> ${describeMethod(earlier)}`, `-> and ${describeMethod(method)}`],
        fix: `give one of them another id, as { id: '${options.id}-2' }; each names a consumer group of its own.`,
      });
    }
  }
}
