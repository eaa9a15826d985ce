import { open, readFile, rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { directoryInUse } from './database-errors.js';

interface Holder {
  readonly pid: number;
  /** When the process began, in ms: another one may have had its id before. */
  readonly since: number;
}

/**
 * Keeps a folder for this backend alone, until the result is called: two that write to it would destroy it. What a
 * process has left that is no more counts for nothing. Rejects with `DATABASE_IN_USE`.
 */
export async function lockDirectory(pluginId: string, file: string): Promise<() => Promise<void>> {
  const own: Holder = { pid: process.pid, since: performance.timeOrigin };
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(JSON.stringify(own)).finally(() => handle.close());
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    }
    const holder = await holderIn(file);
    if (isAlive(holder, own)) throw directoryInUse(pluginId, file, holder.pid);
    await rm(file, { force: true });
  }
}

/** Who wrote it: perhaps somebody who has not come to its end. */
async function holderIn(file: string): Promise<Holder> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return { pid: 0, since: 0 };
  }
}

function isAlive({ pid, since }: Holder, own: Holder): boolean {
  if (pid === own.pid) return since === own.since;
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
