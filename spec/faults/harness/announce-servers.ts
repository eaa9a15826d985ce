import { describeEmbedded } from './embedded.js';
import { describeServers } from './servers.js';

/** Mocha calls it before the first test. */
export async function mochaGlobalSetup(): Promise<void> {
  process.stderr.write(`${describeEmbedded()}\n${await describeServers()}\n`);
}
