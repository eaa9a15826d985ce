import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { pause } from '../../util/pause.js';
import { directoryInUse } from './database-errors.js';

interface Holder {
  readonly pid: number;
  /** When the process began, in ms: another one may have had its id before. */
  readonly since: number;
}

const nobody: Holder = { pid: 0, since: 0 };

interface Claim {
  readonly path: string;
  /** Of its text, which no other claim has. */
  readonly hash: string;
  readonly holder: Holder;
}

/**
 * Keeps a folder for this backend alone, until the result is called: two that write to it would destroy it. What a
 * process has left that is no more counts for nothing. Rejects with `DATABASE_IN_USE`.
 *
 * Who finds a claim of the dead claims to be its one successor, in a file named after it, before taking its place.
 */
export async function lockDirectory(pluginId: string, file: string): Promise<() => Promise<void>> {
  const text = JSON.stringify({ pid: process.pid, since: performance.timeOrigin, id: randomUUID() });
  const release = (): Promise<void> => rm(file, { force: true });
  for (;;) {
    if (await claim(file, text)) return release;
    const claims = await claimsOn(file);
    const last = claims.at(-1);
    if (last && isAlive(last.holder)) throw directoryInUse(pluginId, file, last.holder.pid);
    const next = last && `${file}.${last.hash}`;
    if (next === undefined || !(await claim(next, text))) {
      await pause(1);
      continue;
    }
    if (await isSuccessor(file, claims, text)) {
      await replace(file, text);
      for (const { path } of claims.slice(1)) await rm(path, { force: true });
      await rm(next, { force: true });
      return release;
    }
    // Another successor had already taken the place, and tidied up.
    await rm(next, { force: true });
  }
}

/** Makes the file, all of it at once, unless there is one. */
async function claim(path: string, text: string): Promise<boolean> {
  const draft = await draftOf(path, text);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replace(path: string, text: string): Promise<void> {
  await rename(await draftOf(path, text), path);
}

async function draftOf(path: string, text: string): Promise<string> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, text);
  return draft;
}

/** The claim, and those of the successors of the dead, up to the first that lives. */
async function claimsOn(file: string): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (let path = file; ; path = `${file}.${claims.at(-1)!.hash}`) {
    const text = await textOf(path);
    if (text === undefined) return claims;
    const holder = holderIn(text);
    claims.push({ path, hash: createHash('sha256').update(text).digest('hex').slice(0, 16), holder });
    if (isAlive(holder)) return claims;
  }
}

async function isSuccessor(file: string, before: readonly Claim[], text: string): Promise<boolean> {
  const now = await claimsOn(file);
  const isSame = before.every(({ hash }, index) => now[index]?.hash === hash);
  return isSame && (await textOf(now.at(-1)!.path)) === text;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What cannot be read is nobody's. */
function holderIn(text: string): Holder {
  try {
    return (JSON.parse(text) as Holder | null) ?? nobody;
  } catch {
    return nobody;
  }
}

function isAlive({ pid, since }: Holder): boolean {
  if (pid === process.pid) return since === performance.timeOrigin;
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
