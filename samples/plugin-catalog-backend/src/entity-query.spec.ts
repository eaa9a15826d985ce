import { parse } from 'node:querystring';
import { BadRequestError } from 'backplane';
import { expect } from 'chai';
import { entityQueryReader } from './entity-query.js';

const read = entityQueryReader({ default: 50, max: 500 });

function violationsOf(query: string): unknown {
  try {
    read(parse(query));
  } catch (error) {
    if (error instanceof BadRequestError) return error.details;
    throw error;
  }
  return [];
}

describe('the query of /entities', () => {
  it('is the first page of everything where nothing is said', () => {
    expect(read(parse(''))).to.deep.equal({ limit: 50, offset: 0 });
  });

  it('has no page that is larger than the largest', () => {
    expect(entityQueryReader({ default: 50, max: 20 })({})).to.deep.equal({ limit: 20, offset: 0 });
  });

  it('reads every filter, and the text to look for in lower case', () => {
    const query = read(
      parse('kind=Component&name=%40koa%2Frouter&license=MIT&dependency=koa&q=ROUTER&limit=10&offset=20'),
    );

    expect(query).to.deep.equal({
      kind: 'component',
      name: '@koa/router',
      license: 'MIT',
      dependency: 'koa',
      q: 'router',
      limit: 10,
      offset: 20,
    });
  });

  const refused = [
    { query: 'limit=abc', pointer: '/limit', rule: 'must be a whole number' },
    { query: 'limit=', pointer: '/limit', rule: 'must be a whole number' },
    { query: 'limit=-1', pointer: '/limit', rule: 'must be a whole number' },
    { query: 'limit=1.5', pointer: '/limit', rule: 'must be a whole number' },
    { query: 'limit=0x10', pointer: '/limit', rule: 'must be a whole number' },
    { query: 'limit=0', pointer: '/limit', rule: 'must be between 1 and 500' },
    { query: 'limit=501', pointer: '/limit', rule: 'must be between 1 and 500' },
    { query: 'offset=-1', pointer: '/offset', rule: 'must be a whole number' },
    { query: 'offset=9999999999', pointer: '/offset', rule: 'must be a whole number' },
    { query: 'kind=a&kind=b', pointer: '/kind', rule: 'must be given once' },
    { query: 'q=', pointer: '/q', rule: 'must not be empty' },
    { query: `q=${'x'.repeat(201)}`, pointer: '/q', rule: 'must have at most 200 characters' },
    { query: 'colour=red', pointer: '/colour', rule: 'is not a filter of entities' },
    { query: '__proto__=x', pointer: '/__proto__', rule: 'is not a filter of entities' },
    { query: 'constructor=x', pointer: '/constructor', rule: 'is not a filter of entities' },
  ];
  for (const { query, ...violation } of refused) {
    it(`is refused as ${query.slice(0, 20)}: ${violation.rule}`, () => {
      expect(violationsOf(query)).to.deep.equal([violation]);
    });
  }

  it('is refused with everything that is wrong with it', () => {
    expect(violationsOf('limit=abc&offset=x&colour=red')).to.have.lengthOf(3);
  });
});
