import { expect } from 'chai';
import { closest } from '../../lib/util/did-you-mean.js';

describe('closest()', () => {
  const names = ['catalog', 'search', 'licenses', 'auth'];

  for (const [what, word, meant] of [
    ['a missing letter', 'catlog', 'catalog'],
    ['a letter too many', 'searcch', 'search'],
    ['another letter', 'licences', 'licenses'],
    ['swapped letters', 'auht', 'auth'],
    ['another case', 'CATALOG', 'catalog'],
    ['the word itself', 'auth', 'auth'],
  ] as const) {
    it(`finds the word behind ${what}`, () => {
      expect(closest(word, names)).to.equal(meant);
    });
  }

  it('finds none where none is near', () => {
    expect(closest('scheduler', names)).to.equal(undefined);
    expect(closest('x', [])).to.equal(undefined);
  });

  it('allows more for longer words', () => {
    expect(closest('plugin-catalog-bakend-modul', ['plugin-catalog-backend-module'])).to.be.a('string');
  });

  it('prefers the first of two that are equally near', () => {
    expect(closest('cat', ['bat', 'hat'])).to.equal('bat');
  });
});
