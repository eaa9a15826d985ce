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
  beforeAll(): void {
    before = process.getActiveResourcesInfo();
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(2 * patience);
    const deadline = performance.now() + patience;
    while (leftOpen().length > 0) {
      if (performance.now() > deadline) throw new Error(`The tests have left this open: ${leftOpen().join(', ')}`);
      await sleep(20);
    }
  },
};

/** Mocha calls it after the last test. The failure is told by now, and nobody waits for ever. */
export function mochaGlobalTeardown(): void {
  setTimeout(() => process.exit(1), patience).unref();
}
