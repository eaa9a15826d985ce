import { expect } from 'chai';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { z } from 'zod';
import { type CacheService, Inject, Plugin } from '../../../lib/index.js';
import { CacheService as Caches } from '../../../lib/api/cache-service.js';
import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

/** Where entries are: `backend.cache`, and nobody else's. */
export interface CachePlace extends AsyncDisposable {
  readonly config: JsonObject;
}

/** A plugin with a cache. */
export function cachingPlugin(pluginId: string) {
  @Plugin({ pluginId })
  class CachingPlugin {
    constructor(@Inject(Caches) readonly cache: CacheService) {}
  }
  return CachingPlugin;
}

export function startWithCache(cache: JsonObject, pluginIds = ['store']): Promise<TestBackend> {
  return startWith({ cache }, pluginIds);
}

/** A backend with plugins that have caches. */
export function startWith(backend: JsonObject, pluginIds = ['store']): Promise<TestBackend> {
  const config = { backend: { ...backend, logger: { level: 'silent' } } };
  return TestBackend.start({ features: pluginIds.map(cachingPlugin), config });
}

export function cacheOf(backend: TestBackend, pluginId = 'store'): CacheService {
  return backend.get(Caches, { pluginId });
}

export const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

/** Resolves when `open` is called. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>(resolve => (open = resolve));
  return { opened, open };
}

export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

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

    describe('with a schema', () => {
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

    describe('asked to get or set', () => {
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
  });
}
