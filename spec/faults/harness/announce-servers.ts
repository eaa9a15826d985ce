import { describeServers } from './servers.js';

/** Mocha calls it before the first test. */
export async function mochaGlobalSetup(): Promise<void> {
  process.stderr.write(`${await describeServers()}\n`);
}
