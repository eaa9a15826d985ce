import { expect } from 'chai';
import { z } from 'zod';
import { configSectionOf } from '../../decorators/config-of.js';
import { configOf, Inject, Injectable } from '../../decorators/index.js';

const schema = z.object({
  refresh: z.string().default('5m'),
  limit: z.number().optional(),
  level: z.enum(['low', 'high']),
});

class CatalogConfig extends configOf('catalog', schema) {
  get milliseconds(): number {
    return this.refresh === '5m' ? 300_000 : 0;
  }
}

describe('the types of configOf()', () => {
  it('is checked by the compiler, and the section is recorded', () => {
    expect(configSectionOf(CatalogConfig)).to.deep.include({ path: 'catalog', schema });
  });

  it('give the properties their types, defaults applied', () => {
    const config = Object.assign(new CatalogConfig(), { refresh: '5m' });

    const refresh: string = config.refresh;
    const limit: number | undefined = config.limit;
    const level: 'low' | 'high' = config.level;
    // @ts-expect-error -- the limit may be missing
    const sure: number = config.limit;
    // @ts-expect-error -- the level is one of two words
    const wrong: 'medium' = config.level;
    // @ts-expect-error -- the section has no such property
    const unknown: unknown = config.refreshed;

    expect([refresh, config.milliseconds]).to.deep.equal(['5m', 300_000]);
    expect([limit, level, sure, wrong, unknown]).to.deep.equal(Array(5).fill(undefined));
  });

  it('let nobody change a property', () => {
    const config = Object.freeze(new CatalogConfig());

    expect(() => {
      // @ts-expect-error -- what is configured stays
      config.refresh = '1m';
    }).to.throw(TypeError);
  });

  it('flow to what injects the class', () => {
    @Injectable()
    class Reader {
      constructor(
        @Inject(CatalogConfig) readonly config: CatalogConfig,
        @Inject(CatalogConfig) readonly part: { readonly refresh: string },
        // @ts-expect-error -- refresh is a text
        @Inject(CatalogConfig) readonly other: { readonly refresh: number },
      ) {}
    }

    expect(Reader).to.have.length(3);
  });

  it('refuse what is no schema of an object', () => {
    // @ts-expect-error -- a section has properties
    const number = configOf('catalog', z.number());
    // @ts-expect-error -- a shape is no schema
    const shape = configOf('catalog', { refresh: 'string' });

    expect([configSectionOf(number)?.path, configSectionOf(shape)?.path]).to.deep.equal(['catalog', 'catalog']);
  });
});
