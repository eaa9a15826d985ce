import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';

/** Something of the author's that is run with a deadline. */
export interface BoundedStep {
  /** What it is: `shutdown hook 'close pool' of plugin 'catalog'`. */
  readonly title: string;
  /** The same at the beginning of a sentence: `The shutdown hook …`. */
  readonly subject: string;
  /** What its problems are called: `HOOK_FAILED`, `HOOK_TIMEOUT`. */
  readonly code: 'HOOK' | 'SHUTDOWN' | 'DISPOSE';
  readonly path: readonly string[];
  /** In ms. */
  readonly timeout: number;
  /** How to give it more time, in the imperative. */
  readonly moreTime: string;
}

/** Runs the step; gives back what went wrong, and never throws. */
export async function runStep(step: BoundedStep, work: () => unknown): Promise<Problem | undefined> {
  try {
    await withDeadline(step.timeout, work);
    return undefined;
  } catch (error) {
    return problemOf(step, error);
  }
}

function problemOf({ subject, code, path, moreTime }: BoundedStep, error: unknown): Problem {
  if (error instanceof BackplaneError) return { ...error.problem, path: [...path, ...error.problem.path] };
  if (error instanceof DeadlineExceeded) {
    return {
      code: `${code}_TIMEOUT`,
      message: `${subject} did not finish in ${error.milliseconds} ms`,
      path,
      fix: `end what it waits for, or ${moreTime}.`,
    };
  }
  return { code: `${code}_FAILED`, message: `${subject} failed`, path, fix: 'fix the error below.', cause: error };
}
