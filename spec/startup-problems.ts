import { BackendStartupError } from '../lib/errors/backend-startup-error.js';
import type { Problem } from '../lib/errors/problem.js';

/** Why a backend did not start, or could not be planned. Fails where it could. */
export async function startupProblems(start: Promise<unknown>): Promise<readonly Problem[]> {
  let started: unknown;
  try {
    started = await start;
  } catch (error) {
    if (error instanceof BackendStartupError) return error.problems;
    throw error;
  }
  await (started as { stop?(): Promise<void> }).stop?.();
  throw new Error('the backend started, and should not have');
}
