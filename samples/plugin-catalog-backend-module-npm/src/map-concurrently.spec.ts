import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { mapConcurrently } from './map-concurrently.js';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

async function failUnlessFirst(n: number): Promise<void> {
  if (n > 0) throw new Error('broken');
  await sleep(10);
}

describe('mapConcurrently()', () => {
  it('keeps the order of the items', async () => {
    const results: number[] = [];
    for await (const result of mapConcurrently(numbers(10), 4, n => sleep(10 - n, n))) results.push(result);

    expect(results).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('works on no more than so many at a time', async () => {
    let now = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++now);
      await sleep(2);
      now -= 1;
    };

    for await (const _ of mapConcurrently(numbers(20), 4, work));

    expect(most).to.equal(4);
  });

  it('fails where the work fails, and leaves no failure unhandled', async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', listener);

    let failure: unknown;
    try {
      for await (const _ of mapConcurrently(numbers(3), 3, failUnlessFirst));
    } catch (error) {
      failure = error;
    } finally {
      process.off('unhandledRejection', listener);
    }

    expect(failure).to.be.an('error').with.property('message', 'broken');
    expect(unhandled).to.deep.equal([]);
  });
});
