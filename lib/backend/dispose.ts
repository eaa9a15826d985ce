import type { Constructed } from '../container/scope.js';
import type { Problem } from '../errors/problem.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';

interface Disposable {
  [Symbol.dispose]?(): unknown;
  [Symbol.asyncDispose]?(): unknown;
}

/** Disposes what was constructed, in reverse order, each with a deadline. Gives back what failed. */
export async function dispose(log: Constructed[], owner: string, timeout: number): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (let made = log.pop(); made; made = log.pop()) {
    const { title, instance } = made;
    if (typeof instance !== 'object' || instance === null) continue;
    const disposable = instance as Disposable;
    const end = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose];
    if (typeof end !== 'function') continue;
    try {
      await withDeadline(timeout, () => end.call(instance));
    } catch (error) {
      const late = error instanceof DeadlineExceeded;
      problems.push({
        code: late ? 'DISPOSE_TIMEOUT' : 'DISPOSE_FAILED',
        message: late ? `Disposing the ${title} did not finish in ${timeout} ms` : `Disposing the ${title} failed`,
        path: [`in ${owner}`, `-> ${title}`],
        fix: late ? 'end what it waits for, or raise backend.lifecycle.hookTimeout.' : 'mend the error below.',
        ...(!late && { cause: error }),
      });
    }
  }
  return problems;
}
