import type { Constructed, ConstructionLog } from '../container/construction-log.js';
import type { Problem } from '../errors/problem.js';
import { DeadlineExceeded, withDeadline } from '../util/deadline.js';

interface Disposable {
  [Symbol.dispose]?(): unknown;
  [Symbol.asyncDispose]?(): unknown;
}

interface Disposal {
  /** Whose instances they are, as `plugin 'catalog'`. */
  readonly owner: string;
  /** How long each may take, in ms. */
  readonly timeout: number;
  /** Told when an instance that was still being made fails to end, which may be when all else is done. */
  readonly onLateProblem: (problem: Problem) => void;
}

/** Disposes what was constructed, in reverse order, each once and with a deadline. Gives back what failed. */
export async function dispose(log: ConstructionLog, { owner, timeout, onLateProblem }: Disposal): Promise<Problem[]> {
  const problems: Problem[] = [];
  const done = new Set<unknown>();
  const disposeOnce = async (made: Constructed): Promise<Problem | undefined> => {
    if (done.has(made.instance)) return undefined;
    done.add(made.instance);
    return disposeOne(made, owner, timeout);
  };
  const made = log.close(late => void disposeOnce(late).then(problem => problem && onLateProblem(problem)));
  for (const each of made) {
    const problem = await disposeOnce(each);
    if (problem) problems.push(problem);
  }
  return problems;
}

async function disposeOne(
  { title, instance }: Constructed,
  owner: string,
  timeout: number,
): Promise<Problem | undefined> {
  if (typeof instance !== 'object' || instance === null) return undefined;
  const disposable = instance as Disposable;
  const end = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose];
  if (typeof end !== 'function') return undefined;
  try {
    await withDeadline(timeout, () => end.call(instance));
    return undefined;
  } catch (error) {
    const late = error instanceof DeadlineExceeded;
    return {
      code: late ? 'DISPOSE_TIMEOUT' : 'DISPOSE_FAILED',
      message: late ? `Disposing the ${title} did not finish in ${timeout} ms` : `Disposing the ${title} failed`,
      path: [`in ${owner}`, `-> ${title}`],
      fix: late ? 'end what it waits for, or raise backend.lifecycle.hookTimeout.' : 'mend the error below.',
      ...(!late && { cause: error }),
    };
  }
}
