import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';

/** What the problems of a step are called. */
const codes = {
  hook: (late: boolean) => ({ code: late ? 'HOOK_TIMEOUT' : 'HOOK_FAILED' }),
  shutdown: (late: boolean) => ({ code: late ? 'SHUTDOWN_TIMEOUT' : 'SHUTDOWN_FAILED' }),
  disposal: (late: boolean) => ({ code: late ? 'DISPOSE_TIMEOUT' : 'DISPOSE_FAILED' }),
};

/** Something of the author's that is run with a deadline. */
export interface BoundedStep {
  /** What it is: `shutdown hook 'close pool' of plugin 'catalog'`. */
  readonly title: string;
  /** The same at the beginning of a sentence: `The shutdown hook …`. */
  readonly subject: string;
  readonly kind: keyof typeof codes;
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

function problemOf({ subject, kind, path, moreTime }: BoundedStep, error: unknown): Problem {
  if (error instanceof BackplaneError) return { ...error.problem, path: [...path, ...error.problem.path] };
  if (error instanceof DeadlineExceeded) {
    return {
      ...codes[kind](true),
      message: `${subject} did not finish in ${error.milliseconds} ms`,
      path,
      fix: `end what it waits for, or ${moreTime}.`,
    };
  }
  return { ...codes[kind](false), message: `${subject} failed`, path, fix: 'fix the error below.', cause: error };
}
