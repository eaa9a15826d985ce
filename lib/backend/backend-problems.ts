import { BackendStartupError } from '../errors/backend-startup-error.js';
import { BackendStopError } from '../errors/backend-stop-error.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import { DeadlineExceeded } from '../util/deadline.js';

/** What is wrong, for whoever asks for problems, whatever was thrown. */
export function problemsOf(error: unknown): Problem[] {
  if (error instanceof BackendStartupError || error instanceof BackendStopError) return [...error.problems];
  if (error instanceof BackplaneError) return [error.problem];
  return [{ code: 'START_FAILED', message: 'The backend failed', path: [], fix: 'fix the error below.', cause: error }];
}

export function lifeError(code: string, message: string): BackplaneError {
  return new BackplaneError({
    code,
    message,
    path: [],
    fix: 'make a new Backend: each is started, and stopped, once.',
  });
}

/** What is thrown while a root service is made, with the name of the service in its path. */
export function rootServiceFailed(id: string, error: unknown): unknown {
  if (error instanceof DeadlineExceeded) return slowRootService(id, error.milliseconds);
  if (!(error instanceof BackplaneError) || error.problem.path.some(step => step.includes(`'${id}'`))) return error;
  return new BackplaneError({ ...error.problem, path: [`in service '${id}'`, ...error.problem.path] });
}

function slowRootService(id: string, timeout: number): BackplaneError {
  return new BackplaneError({
    code: 'ROOT_SERVICE_TIMEOUT',
    message: `Root service '${id}' was not there after ${timeout} ms`,
    path: [`in service '${id}'`],
    fix: 'end what its create() waits for, or give it more time: backend.startup.initTimeout.',
  });
}

export function startCancelled(): BackplaneError {
  return lifeError('START_CANCELLED', 'The backend was stopped while it started');
}

export function slowStop(timeout: number, waitingFor: readonly string[]): Problem {
  return {
    code: 'STOP_TIMEOUT',
    message: `The backend did not stop within ${timeout} ms (waiting for: ${waitingFor.join(', ')})`,
    path: waitingFor.map(step => `-> ${step}`),
    fix: 'end what it waits for, or give it more time: backend.lifecycle.shutdownTimeout.',
  };
}
