import { BackendStopError } from '../errors/backend-stop-error.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';
import { problemsOf, slowStop } from './backend-problems.js';
import type { BackendStatus } from './backend-status.js';
import type { RootHooks } from './lifecycle-hooks.js';
import { discard, type Planned } from './plan-backend.js';
import type { PluginSupervisor } from './plugin-supervisor.js';
import type { StopSteps } from './stop-steps.js';

/** What there is of a backend; what its start has not come to is absent. */
interface Parts {
  readonly status: BackendStatus;
  readonly hooks: RootHooks;
  readonly steps: StopSteps;
  readonly planned: Planned | undefined;
  readonly plugins: PluginSupervisor | undefined;
}

/** Somebody asked for it, the start failed, or there was an error that nobody caught. */
export type StopCause = 'request' | 'failure' | 'stray-error';

/** How long a stop because of an error that nobody caught may take, in ms: the process has to be gone after 6 s. */
const crashLimit = 5_500;

/**
 * Stops a backend: the mirror image of its start.
 *
 * Ends in time, whatever hangs, and rejects with a `BackendStopError` that names it.
 */
export async function stopBackend(parts: Parts, cause: StopCause): Promise<void> {
  const { status, steps, planned } = parts;
  const { shutdownTimeout = 28_000, hookTimeout = 5_000 } = planned?.settings ?? {};
  const limit = cause === 'stray-error' ? Math.min(crashLimit, shutdownTimeout) : shutdownTimeout;
  // What has failed is out of service already, so there is nothing to wait for.
  status.enter('stopping', cause !== 'request');
  try {
    // Whoever waits for the process to end does not care what blocks it.
    await withDeadline(limit, () => endAll(parts, hookTimeout), { onTheClock: true });
  } catch (error) {
    steps.problems.push(
      ...(error instanceof DeadlineExceeded ? [slowStop(limit, steps.waitingFor)] : problemsOf(error)),
    );
  }
  status.enter('stopped');
  if (steps.problems.length > 0) throw new BackendStopError(steps.problems);
}

async function endAll({ status, hooks, steps, planned, plugins }: Parts, timeout: number): Promise<void> {
  const parts: readonly (readonly [string, () => Promise<void> | undefined])[] = [
    ['before-shutdown hooks', () => hooks.beforeShutdown.runTogether(timeout, steps)],
    ['plugins', () => plugins?.stop(steps)],
    ['shutdown hooks', () => hooks.shutdown.runInReverse(timeout, steps)],
    ['root services', () => planned && discard(planned, steps, timeout)],
  ];
  for (const [step, end] of parts) {
    status.emit({ type: 'stop-step', step });
    try {
      await end();
    } catch (error) {
      // Whatever happens to one, the port is closed by another.
      steps.problems.push(...problemsOf(error));
    }
  }
}
