import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
  // Whoever looks finds all of it, or nothing.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(own));
  try {
    while (!(await linked(draft, file))) {
      const holder = await holderIn(file);
      if (isAlive(holder, own)) throw directoryInUse(pluginId, file, holder!.pid);
      if (holder !== undefined) await discard(file, own);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(file, { force: true });
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes it away, unless somebody who lives has put theirs in its place meanwhile. */
async function discard(file: string, own: Holder): Promise<void> {
  const taken = `${file}.${randomUUID()}`;
  try {
    await rename(file, taken);
  } catch {
    // Somebody else was first.
    return;
  }
  if (isAlive(await holderIn(taken), own)) await linked(taken, file);
  await rm(taken, { force: true });
}

/** `undefined` where there is none any more; what cannot be read is nobody's. */
async function holderIn(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch (error) {
    return (error as { code?: unknown }).code === 'ENOENT' ? undefined : { pid: 0, since: 0 };
  }
}

function isAlive(holder: Holder | undefined, own: Holder): boolean {
  const { pid = 0, since } = holder ?? {};
  if (pid === own.pid) return since === own.since;
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
