import { Inject, Plugin } from '../../../decorators/index.js';
import type { Class } from '../../../decorators/tokens.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { SchedulerService, type TaskFunction, type TaskOptions } from '../../../lib/api/scheduler-service.js';
import type { Override } from '../../../lib/plan/override.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

export type Tasks = readonly (readonly [TaskOptions, TaskFunction])[];

/** A plugin that schedules these tasks in `init()`. */
export function pluginWithTasks(pluginId: string, ...tasks: Tasks): Class {
  @Plugin({ pluginId })
  class WorkingPlugin {
    constructor(@Inject(SchedulerService) private readonly scheduler: SchedulerService) {}
    init(): void {
      for (const [options, work] of tasks) this.scheduler.scheduleTask(options, work);
    }
  }
  return WorkingPlugin;
}

interface Situation {
  readonly backend?: JsonObject;
  readonly overrides?: readonly Override[];
  readonly realTime?: boolean;
}

/** A backend of one plugin `worker` with these tasks. */
export async function startTasks(
  tasks: Tasks,
  { backend = {}, overrides = [], realTime = false }: Situation = {},
): Promise<TestBackend & { readonly scheduler: SchedulerService }> {
  const config = { backend: { logger: { level: 'silent' }, ...backend } };
  const features = [pluginWithTasks('worker', ...tasks)];
  const started = await TestBackend.start({ features, config, overrides, realTime });
  return Object.assign(started, { scheduler: started.get(SchedulerService, { pluginId: 'worker' }) });
}
