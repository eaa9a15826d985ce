import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { atMost } from '../../lib/util/pause.js';

/** How many timers are there, once the one of the test is. */
async function timers(): Promise<number> {
  await turn();
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length;
}

describe('atMost()', () => {
  it('gives what the work gives, and leaves no timer behind', async () => {
    const before = await timers();

    expect(await atMost(60_000, Promise.resolve('done'))).to.equal('done');
    expect(await timers()).to.equal(before);
  });

  it('passes on a failure, and leaves no timer behind', async () => {
    const before = await timers();
    const failure = new Error('no');

    expect(await atMost(60_000, Promise.reject(failure)).catch((error: unknown) => error)).to.equal(failure);
    expect(await timers()).to.equal(before);
  });

  it('gives nothing where the work takes longer', async () => {
    expect(await atMost(10, new Promise(() => {}))).to.equal(undefined);
  });
});
