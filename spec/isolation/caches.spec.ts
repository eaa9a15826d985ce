import { expect } from 'chai';
import { cacheOf, startWithCache } from '../services/cache/cache-fixture.js';
import { expectKeysApart } from '../services/cache/keys-apart.js';

describe('the cache of a plugin', () => {
  it('I23 knows its entries apart from those of another plugin, in 10,000 pairs of keys, and is cleared alone', async () => {
    await using backend = await startWithCache({}, ['store', 'other']);

    await expectKeysApart(cacheOf(backend), cacheOf(backend, 'other'));
  });

  it('I23 keeps what it holds while another plugin fills the memory', async () => {
    await using backend = await startWithCache({ maxEntries: 1_000, maxSize: 1_000_000 }, ['store', 'greedy', 'third']);
    const [store, greedy, third] = [cacheOf(backend), cacheOf(backend, 'greedy'), cacheOf(backend, 'third')];
    const mine = Array.from({ length: 300 }, (_, index) => `key ${index}`);
    for (const key of mine) await store.set(key, key);
    for (let n = 0; n < 10_000; n++) await greedy.set(`many ${n}`, n);
    for (let n = 0; n < 1_000; n++) await greedy.set(`large ${n}`, 'x'.repeat(100_000));
    await third.set('late', 1);

    expect(await Promise.all(mine.map(key => store.get(key)))).to.deep.equal(mine);
    expect(await third.get('late')).to.equal(1);
  });
});
