import type { Constructed, ConstructionLog } from '../container/construction-log.js';
import type { StopSteps } from './stop-steps.js';

interface Disposable {
  [Symbol.dispose]?(): unknown;
  [Symbol.asyncDispose]?(): unknown;
}

interface Disposal {
  /** Whose instances they are; absent for the backend's own. */
  readonly pluginId?: string;
  /** How long each may take, in ms. */
  readonly timeout: number;
}

/**
 * Disposes what was constructed, in reverse order, each once and with a deadline. What was still being made is disposed
 * as soon as it is there, which may be when all else is done.
 */
export async function dispose(log: ConstructionLog, steps: StopSteps, disposal: Disposal): Promise<void> {
  const done = new Set<unknown>();
  const disposeOnce = async (made: Constructed, within: StopSteps): Promise<void> => {
    if (done.has(made.instance)) return;
    done.add(made.instance);
    await disposeOne(made, within, disposal);
  };
  for (const made of log.close(late => void disposeOnce(late, steps.apart()))) await disposeOnce(made, steps);
}

async function disposeOne({ title, instance }: Constructed, steps: StopSteps, disposal: Disposal): Promise<void> {
  if (typeof instance !== 'object' || instance === null) return;
  if (!(Symbol.asyncDispose in instance) && !(Symbol.dispose in instance)) return;
  const { pluginId, timeout } = disposal;
  const owner = pluginId === undefined ? 'the backend' : `plugin '${pluginId}'`;
  const step = {
    title: `disposal of ${title}`,
    subject: `Disposing the ${title}`,
    name: `disposal of ${title}`,
    kind: 'disposal',
    path: [`in ${owner}`, `-> ${title}`],
    timeout,
    moreTime: 'raise backend.lifecycle.hookTimeout',
    ...(pluginId !== undefined && { pluginId }),
  } as const;
  await steps.run(step, () => end(instance as Disposable));
}

function end(disposable: Disposable): unknown {
  const method = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose];
  return typeof method === 'function' ? method.call(disposable) : undefined;
}
