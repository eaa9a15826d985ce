import { expect } from 'chai';
import fc from 'fast-check';
import { type CacheService } from '../../../lib/index.js';

/** Of 10,000 pairs of keys, no two are the same entry in both; clearing the first leaves what is in the second. */
export async function expectKeysApart(cache: CacheService, other: CacheService): Promise<void> {
  const parts = fc.constantFrom(
    'store',
    'other',
    'third',
    ':',
    'cache',
    'generation',
    '\0',
    '/',
    '{',
    '*',
    '\ud800',
    'a',
  );
  const key = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(parts, { maxLength: 6 }).map(list => list.join('')),
  );
  const pairs = fc.sample(fc.tuple(key, key), { numRuns: 10_000, seed: 23 });
  const mine = [...new Set(pairs.map(([own]) => own))];
  const few = mine.slice(0, 500);
  const theirs = [...few, ...new Set(pairs.map(([, others]) => others))];
  const eachOf = async <T>(keys: readonly string[], work: (key: string) => Promise<T>): Promise<T[]> => {
    const results: T[] = [];
    for (let from = 0; from < keys.length; from += 500) {
      results.push(...(await Promise.all(keys.slice(from, from + 500).map(work))));
    }
    return results;
  };

  await eachOf(mine, own => cache.set(own, `mine ${own}`));
  const seen = await eachOf(theirs, any => other.get(any));
  await eachOf(few, any => other.set(any, `theirs ${any}`));
  const kept = await eachOf(few, own => cache.get(own));
  await cache.clear();
  const cleared = await eachOf(few, own => cache.get(own));
  const left = await eachOf(few, any => other.get(any));
  await other.clear();

  expect(mine.length).to.be.above(5_000);
  expect([...new Set([...seen, ...cleared])]).to.deep.equal([undefined]);
  expect(kept).to.deep.equal(few.map(own => `mine ${own}`));
  expect(left).to.deep.equal(few.map(any => `theirs ${any}`));
}
