import { expect } from 'chai';
import { z } from 'zod';
import type { CacheService } from '../../../lib/index.js';
import type { JsonValue } from '../../../lib/api/config-service.js';
import { failureOf, gate, sleep } from './cache-fixture.js';

/** What a cache computes for those who ask for what is not there. */
export function computesOn(cacheNow: () => CacheService): void {
  describe('asked to get or set', () => {
    let cache: CacheService;
    beforeEach(() => {
      cache = cacheNow();
    });

    it('computes once for all who ask meanwhile, and gives each a copy', async () => {
      let computed = 0;
      const value = { list: [1] };
      const results = await Promise.all(
        Array.from({ length: 50 }, () =>
          cache.getOrSet('key', async () => {
            computed += 1;
            await sleep(20);
            return value;
          }),
        ),
      );
      (results[0] as typeof value).list.push(2);

      expect(computed).to.equal(1);
      for (const result of results.slice(1)) expect(result).to.deep.equal({ list: [1] });
      expect(value).to.deep.equal({ list: [1] });
      expect(await cache.getOrSet('key', () => 'again')).to.deep.equal({ list: [1] });
    });

    it('keeps what it has computed for as long as it is told', async () => {
      await cache.getOrSet('short', () => 1, { ttl: 50 });
      await cache.getOrSet('long', () => 1);
      await sleep(100);

      expect([await cache.get('short'), await cache.get('long')]).to.deep.equal([undefined, 1]);
    });

    it('tells the failure to all who wait, keeps nothing, and computes again for the next', async () => {
      const cause = new Error('not today');
      const compute = async () => {
        await sleep(10);
        throw cause;
      };
      const failures = await Promise.all([1, 2, 3].map(() => failureOf(cache.getOrSet('key', compute))));
      const early = await failureOf(
        cache.getOrSet('key', () => {
          throw cause;
        }),
      );

      expect([...failures, early]).to.deep.equal([cause, cause, cause, cause]);
      expect(await cache.get('key')).to.equal(undefined);
      expect(await cache.getOrSet('key', () => 'better')).to.equal('better');
    });

    it('computes once for 10,000 who ask at once, and tells them all that it has failed', async () => {
      let computed = 0;
      const cause = new Error('not today');
      const compute = async () => {
        computed += 1;
        await sleep(1);
        throw cause;
      };
      const asked = Array.from({ length: 10_000 }, () => failureOf(cache.getOrSet('key', compute)));

      expect(new Set(await Promise.all(asked))).to.deep.equal(new Set([cause]));
      expect(computed).to.equal(1);
    });

    it('computes again for 10,000 who wait for somebody who gives up', async () => {
      let computed = 0;
      const { opened, open: end } = gate();
      const first = failureOf(
        cache.getOrSet('key', async () => {
          computed += 1;
          await opened;
          throw new DOMException('The caller has gone', 'AbortError');
        }),
      );
      const others = Array.from({ length: 10_000 }, () => cache.getOrSet('key', () => `of ${(computed += 1)}`));
      end();

      expect(await first).to.have.property('name', 'AbortError');
      expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['of 2']));
      expect(computed).to.equal(2);
    });

    it('refuses what cannot be kept', async () => {
      const failure = await failureOf(cache.getOrSet('key', () => undefined as unknown as JsonValue));

      expect(failure).to.have.property('code', 'INVALID_CACHE_VALUE');
    });

    it('does not let one slow computation hold up others', async () => {
      const { opened, open: end } = gate();
      const slow = cache.getOrSet('slow', () => opened.then(() => 'slow'));

      expect(await cache.getOrSet('fast', () => 'fast')).to.equal('fast');
      await cache.set('set', 1);
      expect(await cache.get('set')).to.equal(1);
      end();
      expect(await slow).to.equal('slow');
    });

    for (const [what, change, after] of [
      ['deleted', () => cache.delete('key'), undefined],
      ['set', () => cache.set('key', 'newer'), 'newer'],
      ['cleared', () => cache.clear(), undefined],
    ] as const) {
      it(`does not keep what was computed while the entry was ${what}`, async () => {
        const { opened, open: end } = gate();
        const begun = gate();
        const stale = cache.getOrSet('key', async () => {
          begun.open();
          await opened;
          return 'stale';
        });
        await begun.opened;
        await change();
        const fresh = cache.getOrSet('key', () => 'fresh');
        const meanwhile = await fresh;
        end();

        expect(await stale).to.equal('stale');
        expect(meanwhile).to.equal(after ?? 'fresh');
        expect(await cache.get('key')).to.equal(after ?? 'fresh');
      });
    }

    it('computes for one schema what it has computed for another', async () => {
      const texts = cache.withSchema(z.string());
      const numbers = cache.withSchema(z.number());

      const results = await Promise.all([
        texts.getOrSet('key', () => sleep(10).then(() => 'text')),
        numbers.getOrSet('key', () => 1),
      ]);

      expect(results).to.deep.equal(['text', 1]);
    });
  });
}
