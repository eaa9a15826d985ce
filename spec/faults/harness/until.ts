import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a fact, however long a busy machine takes; throws after 10 s. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited 10 s for: ${what}`);
    await sleep(10);
  }
}
