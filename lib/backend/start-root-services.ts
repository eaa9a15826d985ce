import { BackendContainers } from '../container/containers.js';
import { withDeadline } from '../util/deadline.js';
import { rootServiceFailed } from './backend-problems.js';
import type { Planned } from './plan-backend.js';
import type { StartSteps } from './start-steps.js';

/** Makes the root services, one after the other, each within its time. What was made is in the log of the plan's loaders. */
export async function startRootServices(
  { plan, provided, loaders, settings }: Planned,
  steps: StartSteps,
): Promise<BackendContainers> {
  const containers = new BackendContainers(plan, provided, loaders);
  for (const id of plan.eagerRoot) {
    const ensure = async () => containers.root.ensure(id);
    try {
      await withDeadline(settings.rootTimeout, () => steps.run(`root service '${id}'`, ensure));
    } catch (error) {
      throw rootServiceFailed(id, error);
    }
  }
  return containers;
}
