import { Service } from '../../decorators/service.js';
import type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from './annotated-method.js';

export interface HealthCheckResult {
  readonly id: string;
  readonly status: 'ok' | 'error';
  /** How long the last run took, in ms. */
  readonly duration: number;
  readonly error?: string;
}

export interface PluginHealth {
  readonly pluginId: string;
  readonly status: 'ok' | 'starting' | 'error' | 'stopped';
  readonly checks: readonly HealthCheckResult[];
}

/** The same without the texts of failures, which may say what is not for everybody. */
export function withoutErrors({ pluginId, status, checks }: PluginHealth): PluginHealth {
  return { pluginId, status, checks: checks.map(({ error: _error, ...check }) => check) };
}

export interface HealthReport {
  readonly status: 'ok' | 'error';
  readonly message?: string;
}

export interface HealthContribution {
  readonly pluginId: string;
  readonly id: string;
  readonly affectsReadiness: boolean;
  /** In ms. */
  readonly timeout: number;
  /** Fails by throwing or rejecting. */
  readonly check: () => unknown;
}

/** Liveness never depends on anything but the process; readiness depends on the start, the stop, and the checks. */
@Service({ id: 'core.root-health', scope: 'root' })
export abstract class RootHealthService implements AnnotatedMethodReceiver {
  abstract getLiveness(): Promise<HealthReport>;
  abstract getReadiness(): Promise<HealthReport>;
  abstract getPlugins(): Promise<readonly PluginHealth[]>;
  abstract addCheck(contribution: HealthContribution): void;
  abstract addMethod(method: AnnotatedMethod): TakeOut | void;
}
