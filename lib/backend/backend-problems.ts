import { BackendStartupError } from '../errors/backend-startup-error.js';
import { BackendStopError } from '../errors/backend-stop-error.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';

/** What is wrong, for whoever asks for problems, whatever was thrown. */
export function problemsOf(error: unknown): Problem[] {
  if (error instanceof BackendStartupError || error instanceof BackendStopError) return [...error.problems];
  if (error instanceof BackplaneError) return [error.problem];
  return [
    { code: 'START_FAILED', message: 'The backend failed', path: [], fix: 'mend the error below.', cause: error },
  ];
}

export function lifeError(code: string, message: string): BackplaneError {
  return new BackplaneError({
    code,
    message,
    path: [],
    fix: 'make a new Backend: each is started, and stopped, once.',
  });
}

export function slowRootService(id: string, timeout: number): BackplaneError {
  return new BackplaneError({
    code: 'ROOT_SERVICE_TIMEOUT',
    message: `Root service '${id}' was not there after ${timeout} ms`,
    path: [`in service '${id}'`],
    fix: 'end what its create() waits for, or give it more time: backend.startup.initTimeout.',
  });
}

export function slowStop(timeout: number, step: string): Problem {
  return {
    code: 'STOP_TIMEOUT',
    message: `The backend did not stop within ${timeout} ms (waiting for: ${step})`,
    path: [`in ${step}`],
    fix: 'end what it waits for, or give it more time: backend.lifecycle.shutdownTimeout.',
  };
}
