import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { encodeRequest } from '../../lib/contract/encode-request.js';
import { ContractError, defineApi, get, post, raw, type OperationDefinition } from '../../lib/contract/index.js';

const anything = { schema: z.unknown(), jsonSchema: {} };

const api = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities/:kind/:name', {
      params: z.object({ kind: z.string(), name: z.union([z.string(), z.number(), z.boolean()]) }),
      query: anything,
      response: z.string(),
    }),
    find: get('/entities', { query: anything, headers: anything, stream: z.string() }),
    add: post('/entities', { body: anything, response: z.string() }),
    upload: post('/upload', { body: raw('image/png'), response: raw('image/webp') }),
    ping: get('/ping'),
  },
});

/** The code and the message of the refusal. */
function refusal(operation: OperationDefinition, input: unknown): string {
  try {
    encodeRequest(operation, input);
    return 'sent';
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return `${error.code} ${error.problems[0]!.message.replace(/^Operation '\w+' of plugin 'catalog' /, '')}`;
  }
}

describe('encodeRequest()', () => {
  it('writes parameters into the path, and the query behind it', () => {
    const input = {
      params: { kind: 'a b', name: '@scope/näme' },
      query: { q: 'x&y=z', limit: 5, all: true, none: undefined },
    };

    expect(encodeRequest(api.read, input)).to.deep.equal({
      method: 'GET',
      path: '/entities/a%20b/%40scope%2Fn%C3%A4me?q=x%26y%3Dz&limit=5&all=true',
      headers: { accept: 'application/json' },
    });
  });

  it('repeats the name of a list, and writes nothing for an empty one', () => {
    const query = { tag: ['a', 'b', undefined, 1], none: [], 'a&b': '' };

    expect(encodeRequest(api.find, { query }).path).to.equal('/entities?tag=a&tag=b&tag=1&a%26b=');
    expect(encodeRequest(api.find, { query: {} }).path).to.equal('/entities');
  });

  it('writes a date, and what else says it is a text, as JSON does', () => {
    expect(encodeRequest(api.find, { query: { at: new Date(0) } }).path).to.equal(
      '/entities?at=1970-01-01T00%3A00%3A00.000Z',
    );
  });

  it('writes a body as JSON, bytes as they are, and says which', () => {
    const bytes = new Uint8Array([1]);

    expect(encodeRequest(api.add, { body: { a: [1, undefined] } })).to.deep.equal({
      method: 'POST',
      path: '/entities',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: '{"a":[1,null]}',
    });
    expect(encodeRequest(api.add, { body: null }).body).to.equal('null');
    expect(encodeRequest(api.upload, { body: bytes })).to.deep.equal({
      method: 'POST',
      path: '/upload',
      headers: { accept: 'image/webp', 'content-type': 'image/png' },
      body: bytes,
    });
  });

  it('leaves out what is undefined: a header, a body, all input', () => {
    expect(
      encodeRequest(api.find, { headers: { 'If-Match': 1, 'x-none': undefined }, query: undefined }),
    ).to.deep.equal({
      method: 'GET',
      path: '/entities',
      headers: { accept: 'text/event-stream', 'if-match': '1' },
    });
    expect(encodeRequest(api.add, {})).to.not.have.any.keys('body');
    expect(encodeRequest(api.ping, undefined).path).to.equal('/ping');
  });

  const params = { kind: 'a', name: 'b' };
  for (const [what, operation, input, message] of [
    ['an empty parameter', api.read, { params: { ...params, name: '' } }, "is called with parameter 'name' that is ''"],
    [
      'a parameter that is a dot',
      api.read,
      { params: { ...params, name: '.' } },
      "is called with parameter 'name' that is '.'",
    ],
    [
      'a parameter that leads up',
      api.read,
      { params: { ...params, kind: '..' } },
      "is called with parameter 'kind' that is '..'",
    ],
    ['a missing parameter', api.read, { params: { kind: 'a' } }, "is called with parameter 'name' that is undefined"],
    [
      'an inherited parameter',
      api.read,
      { params: Object.create(params) as object },
      "is called with parameter 'kind' that is undefined",
    ],
    ['no parameters', api.read, {}, "is called with parameter 'kind' that is undefined"],
    [
      'a parameter that is an object',
      api.read,
      { params: { ...params, name: {} } },
      "is called with parameter 'name' that is object",
    ],
    [
      'half a character',
      api.read,
      { params: { ...params, name: '\uD800' } },
      "is called with parameter 'name' that is no Unicode text",
    ],
    ['null in the query', api.find, { query: { a: null } }, "is called with 'a' in the query that is null"],
    ['an object in the query', api.find, { query: { a: { b: 1 } } }, "is called with 'a' in the query that is object"],
    ['a list of lists', api.find, { query: { a: [['b']] } }, "is called with 'a' in the query that is a list"],
    ['no number', api.find, { query: { a: NaN } }, "is called with 'a' in the query that is NaN"],
    [
      'a header of two lines',
      api.find,
      { headers: { a: 'b\r\nhost: c' } },
      "is called with header 'a' that cannot be sent",
    ],
    [
      'a name that is no header',
      api.find,
      { headers: { 'a b': 'c' } },
      "is called with header 'a b' that cannot be sent",
    ],
    [
      'who calls',
      api.find,
      { headers: { Authorization: 'Bearer a' } },
      "is called with header 'Authorization', which is the wire's own",
    ],
    ['a body that GET has not', api.ping, { body: 1 }, "takes no 'body'"],
    ['a query that is not declared', api.ping, { query: {} }, "takes no 'query'"],
    ['a misspelt part', api.read, { parms: params }, "takes no 'parms'"],
    ['a query that is a text', api.find, { query: 'a=b' }, "is called with 'query' that is no object"],
    ['input that is a text', api.ping, 'a', 'is called with what is no { params, query, headers, body }'],
    [
      'a cycle',
      api.add,
      {
        body: {
          toJSON: () => {
            throw new Error('no');
          },
        },
      },
      'is called with a body that is not JSON',
    ],
    ['a function', api.add, { body: () => 1 }, 'is called with a body that is not JSON'],
    ['JSON instead of bytes', api.upload, { body: { a: 1 } }, 'is called with a body that is not bytes'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(refusal(operation, input)).to.equal(`UNSENDABLE_REQUEST ${message}`);
    });
  }

  it('writes what a server reads again, whatever the texts are', () => {
    const text = fc.string({ unit: 'grapheme' });
    const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter(s => s !== '.' && s !== '..');
    const query = fc.dictionary(text, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })));

    fc.assert(
      fc.property(segment, segment, query, (kind, name, given) => {
        const { path } = encodeRequest(api.read, { params: { kind, name }, query: given });
        const { pathname, searchParams } = new URL(`http://localhost/api/catalog${path}`);
        const read = Object.entries(given).map(([key]) => [key, searchParams.getAll(key)]);

        // As it was sent: no segment has gone, or has become another.
        expect(`/api/catalog${path}`.split('?', 1)[0]).to.equal(pathname);
        expect(pathname.split('/').slice(4).map(decodeURIComponent)).to.deep.equal([kind, name]);
        expect(read).to.deep.equal(Object.entries(given).map(([key, value]) => [key, [value].flat()]));
        expect([...searchParams.keys()].every(key => key in given)).to.equal(true);
      }),
    );
  });
});
