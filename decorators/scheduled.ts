import type { TaskFunction, TaskOptions } from '../lib/api/scheduler-service.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { methodDecorator, type MethodDecoratorFor } from './method-decorator.js';

/**
 * Makes a method a task of its plugin: it runs on a schedule once the plugin is ready, and until the plugin stops.
 *
 * @example
 * @Scheduled({ id: 'refresh', every: '5m', timeout: '1m' })
 * async refresh(signal: AbortSignal): Promise<void> { … }
 */
export function Scheduled(options: TaskOptions): MethodDecoratorFor<TaskFunction> {
  refuseBare('Scheduled', options);
  return methodDecorator('Scheduled', 'core.scheduler', options, callSiteOf(Scheduled));
}
