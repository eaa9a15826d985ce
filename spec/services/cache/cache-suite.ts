import { expect } from 'chai';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { CacheService } from '../../../lib/index.js';
import type { JsonValue } from '../../../lib/api/config-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { type CachePlace, cacheOf, failureOf, sleep, startWithCache } from './cache-fixture.js';
import { computesOn } from './computing-suite.js';
import { expectKeysApart } from './keys-apart.js';
import { typedBySchemasOn } from './typed-suite.js';

/** What a cache does, wherever its entries are. */
export function cachesOn(title: string, open: () => Promise<CachePlace>): void {
  describe(`a cache ${title}`, () => {
    let place: CachePlace;
    let backend: TestBackend;
    let cache: CacheService;

    before(async () => {
      place = await open();
      backend = await startWithCache(place.config, ['store', 'other', 'third']);
    });

    beforeEach(async () => {
      cache = cacheOf(backend);
      await cache.clear();
    });

    after(async () => {
      await backend?.stop();
      await place?.[Symbol.asyncDispose]();
    });

    it('gives a copy of what was set, until it is deleted', async () => {
      const value = { list: [1, 'two', null, { deep: true }], text: 'ü\ud800\u0000' };
      await cache.set('key', value);
      value.list.push(3);
      const first = await cache.get('key');
      (first as typeof value).text = 'changed';
      const second = await cache.get('key');
      await cache.delete('key');

      expect(second).to.deep.equal({ list: [1, 'two', null, { deep: true }], text: 'ü\ud800\u0000' });
      expect(await cache.get('key')).to.equal(undefined);
    });

    it('carries every value that JSON text carries', async () => {
      const json = fc.jsonValue().filter(value => !JSON.stringify(value).includes('__proto__'));
      await fc.assert(
        fc.asyncProperty(json, async value => {
          await cache.set('any', value as JsonValue);

          expect(await cache.get('any')).to.deep.equal(JSON.parse(JSON.stringify(value)));
        }),
        { numRuns: 200 },
      );
    });

    for (const [what, value, message] of [
      ['nothing', undefined, 'nothing at $'],
      ['nothing in a list', [1, undefined], 'nothing at $[1]'],
      ['a function', { a: { b: () => 1 } }, 'a function at $.a.b'],
      ['a symbol', Symbol('a'), 'a symbol at $'],
      ['NaN', { a: [NaN] }, 'the number NaN at $.a[0]'],
      ['an infinite number', -Infinity, 'the number -Infinity at $'],
      ['a BigInt', { a: 1n }, 'a bigint at $.a'],
      ['a date', { at: new Date() }, 'an instance of Date at $.at'],
      ['a map', new Map(), 'an instance of Map at $'],
      [
        'what would change a prototype',
        JSON.parse('{"a":{"__proto__":{}}}') as unknown,
        `'__proto__' at $.a.__proto__`,
      ],
    ] as const) {
      it(`refuses ${what}, and keeps what was there`, async () => {
        await cache.set('key', 'before');

        const failure = await failureOf(cache.set('key', value as JsonValue));

        expect(failure).to.have.property('code', 'INVALID_CACHE_VALUE');
        expect((failure as Error).message).to.contain(message);
        expect(await cache.get('key')).to.equal('before');
      });
    }

    it('refuses a value that holds itself, or is too deep', async () => {
      const cyclic: Record<string, unknown> = {};
      cyclic['self'] = [cyclic];
      let deep: unknown = 1;
      for (let level = 0; level < 100_000; level++) deep = [deep];

      for (const value of [cyclic, deep]) {
        const failure = await failureOf(cache.set('key', value as JsonValue));
        expect(failure).to.have.property('code', 'INVALID_CACHE_VALUE');
      }
      const shared = { a: 1 };
      await cache.set('key', [shared, shared]);
      expect(await cache.get('key')).to.deep.equal([shared, shared]);
    });

    it('leaves out a property that is undefined', async () => {
      await cache.set('key', { a: 1, b: undefined } as unknown as JsonValue);

      expect(await cache.get('key')).to.deep.equal({ a: 1 });
    });

    for (const ttl of [0, -1, NaN, Infinity, '0s', '-1s', 'soon', '', {}, { minutes: -1 }, null]) {
      it(`refuses the ttl ${inspect(ttl)}`, async () => {
        await cache.set('key', 'before');
        const options = { ttl } as { ttl: number };

        const failures = await Promise.all([
          failureOf(cache.set('key', 1, options)),
          failureOf(cache.getOrSet('new', () => 1, options)),
          failureOf((async () => cache.withOptions({ defaultTtl: options.ttl }))()),
        ]);

        for (const failure of failures) expect(failure).to.have.property('code', 'INVALID_CACHE_TTL');
        expect([await cache.get('key'), await cache.get('new')]).to.deep.equal(['before', undefined]);
      });
    }

    it('says which line has asked for what it refuses', async () => {
      const value = new Date() as unknown as JsonValue;
      const asked = [
        async () => await cache.set('key', value),
        async () => await cache.getOrSet('key', () => sleep(1).then(() => value)),
        async () => await cache.get(1 as unknown as string),
        async () => cache.withOptions({ defaultTtl: 0 }),
      ];

      for (const ask of asked) {
        expect(String(await failureOf(ask()))).to.match(
          /in plugin 'store' \(spec\/services\/cache\/cache-suite\.ts:\d+:\d+\)/,
        );
      }
    });

    it('refuses a key that is no text', async () => {
      for (const wrong of [undefined, null, 1, {}] as unknown[] as string[]) {
        const failures = [
          cache.get(wrong),
          cache.delete(wrong),
          cache.set(wrong, 1),
          cache.getOrSet(wrong, () => 1),
        ].map(failureOf);
        for (const failure of await Promise.all(failures))
          expect(failure).to.have.property('code', 'INVALID_CACHE_KEY');
      }
    });

    it('forgets an entry when its time is over, and not before', async () => {
      const short = cache.withOptions({ defaultTtl: 300 });
      await Promise.all([short.set('default', 1), cache.set('own', 1, { ttl: '0.3s' })]);
      await Promise.all([short.set('longer', 1, { ttl: { minutes: 5 } }), cache.set('for ever', 1)]);
      const keys = ['default', 'own', 'longer', 'for ever'];
      const at = performance.now();
      const all = () => Promise.all(keys.map(key => cache.get(key)));
      const early = await all();
      const isEarly = performance.now() - at < 250;
      await sleep(350);

      if (isEarly) expect(early).to.deep.equal([1, 1, 1, 1]);
      expect(await all()).to.deep.equal([undefined, undefined, 1, 1]);
    });

    it('counts the time anew with a new value', async () => {
      await cache.set('key', 1, { ttl: 100 });
      await cache.set('key', 2);
      await sleep(150);

      expect(await cache.get('key')).to.equal(2);
    });

    it('knows keys of any characters and length apart', async () => {
      const keys = [
        '',
        ' ',
        'a',
        'A',
        'a:b',
        'a/b',
        '*',
        '\ud800',
        '\ud801',
        '\ufffd',
        'é',
        'e\u0301',
        '\0',
        'x'.repeat(5_000),
      ];
      keys.push('x'.repeat(5_001), '__proto__', 'constructor', 'generation');
      await Promise.all(keys.map((key, index) => cache.set(key, index)));

      expect(await Promise.all(keys.map(key => cache.get(key)))).to.deep.equal([...keys.keys()]);
    });

    it('I23 knows entries of one plugin apart from those of another, in 10,000 pairs of keys', async () => {
      await expectKeysApart(cache, cacheOf(backend, 'other'));
    });

    it('I23 is not reached by clearing another, whatever that is called', async () => {
      const [other, third] = [cacheOf(backend, 'other'), cacheOf(backend, 'third')];
      await Promise.all([cache.set('key', 1), other.set('key', 2), third.set('key', 3)]);
      await other.clear();

      expect(await Promise.all([cache, other, third].map(each => each.get('key')))).to.deep.equal([1, undefined, 3]);
    });

    it('begins anew after it was cleared', async () => {
      await cache.set('key', 1);
      await cache.clear();
      await cache.set('key', 2);

      expect(await cache.get('key')).to.equal(2);
    });

    typedBySchemasOn(() => cache);
    computesOn(() => cache);
  });
}
