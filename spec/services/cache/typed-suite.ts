import { expect } from 'chai';
import { z } from 'zod';
import type { CacheService } from '../../../lib/index.js';
import { failureOf, sleep } from './cache-fixture.js';

/** What a cache gives whose values have a type. */
export function typedBySchemasOn(cacheNow: () => CacheService): void {
  describe('with a schema', () => {
    let cache: CacheService;
    beforeEach(() => {
      cache = cacheNow();
    });

    const Person = z.object({ name: z.string(), age: z.number().default(30) });

    it('gives values of its type, and takes others for absent', async () => {
      const people = cache.withSchema(Person);
      await people.set('ada', { name: 'Ada', age: 36 });
      await cache.set('old', { title: 'none' });
      await cache.set('young', { name: 'Bo' });

      expect(await people.get('ada')).to.deep.equal({ name: 'Ada', age: 36 });
      expect(await people.get('old')).to.equal(undefined);
      expect(await people.get('young')).to.deep.equal({ name: 'Bo', age: 30 });
      expect(await people.getOrSet('old', () => ({ name: 'New', age: 1 }))).to.deep.equal({ name: 'New', age: 1 });
      expect(await cache.get('old')).to.deep.equal({ name: 'New', age: 1 });
    });

    it('keeps its schema with other options, and the options of the cache it comes from', async () => {
      const short = cache.withOptions({ defaultTtl: 50 }).withSchema(Person);
      await short.set('ada', { name: 'Ada', age: 36 });
      await short.withOptions({ defaultTtl: '1h' }).set('bo', { name: 'Bo', age: 30 });
      await sleep(100);

      expect([await short.get('ada'), await short.get('bo')]).to.deep.equal([undefined, { name: 'Bo', age: 30 }]);
    });

    it('refuses a value that it would not know again', async () => {
      const numbers = cache.withSchema(z.string().transform(Number));

      const failures = await Promise.all([
        failureOf(numbers.set('key', 1)),
        failureOf(numbers.getOrSet('key', () => 1)),
      ]);

      for (const failure of failures) expect(failure).to.have.property('code', 'INVALID_CACHE_VALUE');
    });
  });
}
