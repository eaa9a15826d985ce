import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { methodDecorator, type MethodDecoratorFor } from './method-decorator.js';

export interface HealthCheckOptions {
  /** Names the check within its plugin. Default: the method's name. */
  readonly id?: string;
  /** A failing check takes the backend out of readiness. Default `true`; otherwise it is only shown. */
  readonly affectsReadiness?: boolean;
  /** How long one run may take, in ms, before it counts as failed. Default 1000. */
  readonly timeout?: number;
}

/** Makes a method a health check of its plugin: it fails by throwing, rejecting, or taking too long. */
export function HealthCheck(options: HealthCheckOptions = {}): MethodDecoratorFor<() => unknown> {
  refuseBare('HealthCheck', options);
  return methodDecorator('HealthCheck', 'core.root-health', options, callSiteOf(HealthCheck));
}
