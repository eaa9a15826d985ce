import { setTimeout as sleep } from 'node:timers/promises';

/** How long what ends by itself may take to do so, in ms. */
const patience = 10_000;
let before: readonly string[] = [];

/** What keeps this process alive and did not before the first test: sockets, listeners, children, timers. */
function leftOpen(): string[] {
  const left = process.getActiveResourcesInfo();
  for (const kind of before) {
    const index = left.indexOf(kind);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}

/** Around the tests of this process; where files run in parallel, around those of each file. */
export const mochaHooks = {
  async beforeAll(): Promise<void> {
    // By then there is the timer of the hook, as there is later.
    await sleep(1);
    before = process.getActiveResourcesInfo();
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(2 * patience);
    const deadline = performance.now() + patience;
    for (;;) {
      await sleep(10);
      const left = leftOpen();
      if (left.length === 0) return;
      if (performance.now() > deadline) throw new Error(`The tests have left this open: ${left.join(', ')}`);
    }
  },
};

/** Mocha calls it after the last test. The failure is told by now, and nobody waits for ever. */
export function mochaGlobalTeardown(): void {
  setTimeout(() => process.exit(1), patience).unref();
}
