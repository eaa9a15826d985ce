import { expect } from 'chai';
import { z } from 'zod';
import { ContractError, del, defineApi, get, patch, post, put, raw } from '../../lib/contract/index.js';
import { apiOf, isOperation } from '../../lib/contract/define-api.js';

const Name = z.object({ name: z.string() });
const Text = z.string();

/** What is wrong with an api of one operation, of which JavaScript may give anything. */
function faultsOf(draft: unknown, name = 'read'): readonly string[] {
  return problemsOf({ pluginId: 'catalog', operations: { [name]: draft } });
}

function problemsOf(declaration: unknown): readonly string[] {
  try {
    defineApi(declaration as Parameters<typeof defineApi>[0]);
    return [];
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    expect(new Set(error.problems.map(({ code }) => code))).to.deep.equal(new Set(['INVALID_API']));
    return error.problems.map(({ message }) => message.replace(/^Operation '\w*' /, ''));
  }
}

/** An operation with options that the compiler would refuse. */
function operation(options: object, path = '/a', declare: unknown = get): unknown {
  return (declare as (path: string, options: object) => unknown)(path, options);
}

describe('defineApi()', () => {
  it('gives an api with each operation as a property, named and frozen', () => {
    const api = defineApi({
      pluginId: 'catalog',
      operations: {
        getEntity: get('/entities/:name', { params: Name, response: Name, allow: 'unauthenticated' }),
        clear: post('/clear'),
      },
    });

    expect(Object.keys(api)).to.deep.equal(['getEntity', 'clear']);
    expect(api.getEntity).to.deep.equal({
      name: 'getEntity',
      pluginId: 'catalog',
      method: 'GET',
      path: '/entities/:name',
      params: Name,
      response: Name,
      allow: 'unauthenticated',
    });
    expect([api, api.getEntity, apiOf(api), apiOf(api)!.operations].every(Object.isFrozen)).to.equal(true);
  });

  it('keeps what the api is where no other operation can be, for the api and each operation', () => {
    const api = defineApi({ pluginId: 'catalog', operations: { clear: post('/clear') } });

    expect(apiOf(api)).to.deep.equal({ pluginId: 'catalog', operations: { clear: api.clear } });
    expect(apiOf(api.clear)).to.equal(apiOf(api));
    expect([isOperation(api.clear), isOperation(api), isOperation({ ...api.clear })]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(Object.getOwnPropertyDescriptor(api, Symbol.for('backplane.api'))?.enumerable).to.equal(false);
    expect([undefined, null, 1, 'a', {}].map(apiOf)).to.deep.equal(Array(5).fill(undefined));
  });

  it('has a function for each method', () => {
    const api = defineApi({
      pluginId: 'catalog',
      operations: { a: get('/a'), b: post('/a'), c: put('/a'), d: patch('/a'), e: del('/a') },
    });

    expect(Object.values(api).map(({ method }) => method)).to.deep.equal(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
  });

  for (const [what, draft] of [
    [
      'everything',
      operation(
        { summary: 'a', description: 'b', timeout: 1, idempotent: true, maxBodySize: 1, body: Text },
        '/a',
        post,
      ),
    ],
    ['raw bytes', operation({ body: raw('image/png'), response: raw('text/csv; charset=utf-8') }, '/a', post)],
    ['a stream', operation({ stream: Name })],
    ['several responses', operation({ responses: { 200: Name, 202: Text, 204: null } })],
    ['a status without a body', operation({ status: 202 })],
    ['errors', operation({ errors: { not_there: { status: 404 }, gone: { status: 410, details: Name } } })],
    ['headers', operation({ headers: z.object({ 'if-match': z.string() }) })],
    [
      'a schema with its JSON Schema beside it',
      operation({ response: { schema: Text, jsonSchema: { type: 'string' } } }),
    ],
    ['a path that is the plugin itself', operation({}, '/')],
    ['an option that is undefined', operation({ params: undefined })],
  ] as const) {
    it(`takes ${what}`, () => {
      expect(faultsOf(draft)).to.deep.equal([]);
    });
  }

  for (const [what, draft, fault] of [
    ['what is no operation', { method: 'GET' }, 'is not an operation'],
    ['nothing', undefined, 'is not an operation'],
    ['an option that means nothing', operation({ alow: ['user'] }), "has an option 'alow'"],
    ['an inherited name as an option', operation({ toString: 1 }), "has an option 'toString'"],
    ['a caller that there is not', operation({ allow: ['admin'] }), "has an option 'allow'"],
    ['a shape instead of a schema', operation({ response: { name: 'string' } }), "has an option 'response'"],
    [
      'a schema that says no JSON Schema',
      operation({ response: { '~standard': { validate() {} } } }),
      "has an option 'response'",
    ],
    [
      'a raw body without a media type',
      operation({ response: { kind: 'raw', contentType: 'png' } }),
      "has an option 'response'",
    ],
    ['a range of media types', operation({ body: raw('image/*') }, '/a', post), "has an option 'body'"],
    ['a timeout no timer can wait for', operation({ timeout: 2 ** 31 }), "has an option 'timeout'"],
    ['an endless timeout', operation({ timeout: Infinity }), "has an option 'timeout'"],
    [
      'an error with what means nothing',
      operation({ errors: { gone: { status: 410, detials: Name } } }),
      "has an error 'gone' with 'detials'",
    ],
    ['a timeout that is no number', operation({ timeout: '1m' }), "has an option 'timeout'"],
    ['the status of a failure', operation({ status: 404 }), "has an option 'status'"],
    ['a path without a slash', operation({}, 'a'), "has the path 'a'"],
    ['a path with a slash at its end', operation({}, '/a/'), "has the path '/a/'"],
    ['a pattern', operation({}, '/*'), "has the path '/*'"],
    ['an empty path', operation({}, ''), "has the path ''"],
    ['a path of the framework', operation({}, '/.backplane/x'), "has a path below '/.backplane'"],
    ['a parameter that nobody describes', operation({}, '/:name'), "has ':name' in its path and not in 'params'"],
    [
      'a parameter with another name',
      operation({ params: Name }, '/:nam'),
      "has ':nam' in its path and not in 'params'",
    ],
    ['a parameter that no path has', operation({ params: Name }), "has 'name' in 'params' and not in its path"],
    ['a header with a capital', operation({ headers: z.object({ ETag: Text }) }), "has the header 'ETag'"],
    [
      'a header that tells who calls',
      operation({ headers: z.object({ authorization: Text }) }),
      "has the header 'authorization'",
    ],
    ['a body that GET has not', operation({ body: Name }), 'has a body, which a GET request has not'],
    ['a body that DELETE has not', operation({ body: Name }, '/a', del), 'has a body, which a DELETE request has not'],
    ['a limit for no body', operation({ maxBodySize: 1 }, '/a', post), "has a 'maxBodySize' and no body"],
    ['two answers', operation({ response: Name, stream: Name }), "has 'response' and 'stream'"],
    [
      'a status for several responses',
      operation({ responses: { 200: Name }, status: 201 }),
      "has 'status' and 'responses'",
    ],
    ['no responses', operation({ responses: {} }), "has no 'responses'"],
    ['a response that is a failure', operation({ responses: { 404: Name } }), "has a response '404'"],
    ['a response that is no schema', operation({ responses: { 200: 'a' } }), "has a response '200' that is no schema"],
    ['a body for 204', operation({ response: Name, status: 204 }), 'answers 204 with a body'],
    ['a stream for 204', operation({ stream: Name, status: 204 }), 'answers 204 with a body'],
    [
      'an error that is not lower_snake',
      operation({ errors: { notThere: { status: 404 } } }),
      "has an error 'notThere'",
    ],
    ['an error that is none', operation({ errors: { a: { status: 200 } } }), "has an error 'a' with the status 200"],
    [
      "an error that is the server's own",
      operation({ errors: { a: { status: 500 } } }),
      "has an error 'a' with the status 500",
    ],
    ['an error without a status', operation({ errors: { a: null } }), "has an error 'a' with the status undefined"],
    [
      'details that are no schema',
      operation({ errors: { a: { status: 400, details: {} } } }),
      "has an error 'a' whose details are no schema",
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      const faults = faultsOf(draft);

      expect(faults).to.have.length(1);
      expect(faults[0]).to.satisfy((text: string) => text.startsWith(fault));
    });
  }

  for (const name of ['then', 'toJSON', 'constructor', 'init', 'shutdown', 'get-all', 'GetAll', '_get', '0']) {
    it(`refuses an operation that is called ${name}`, () => {
      expect(faultsOf(get('/a'), name)).to.have.length(1);
    });
  }

  for (const pluginId of ['Catalog', 'my_plugin', '', 'a'.repeat(64), 1, undefined]) {
    it(`refuses an api of plugin '${String(pluginId).slice(0, 20)}'`, () => {
      expect(problemsOf({ pluginId, operations: { a: get('/a') } })).to.have.length(1);
    });
  }

  it('refuses an api without operations', () => {
    expect(problemsOf({ pluginId: 'catalog' })).to.deep.equal(["The api of plugin 'catalog' has no operations"]);
  });

  it('refuses two operations that are called alike, whatever their parameters are called', () => {
    const Other = z.object({ other: z.string() });
    const one = get('/a/:name', { params: Name });

    expect(problemsOf({ pluginId: 'a', operations: { one, two: get('/a/:other', { params: Other }) } })).to.deep.equal([
      "Operations 'one' and 'two' are both called with GET /a/:other",
    ]);
    expect(problemsOf({ pluginId: 'a', operations: { one, two: put('/a/:name', { params: Name }) } })).to.deep.equal(
      [],
    );
  });

  it('says everything at once, and its stack begins with who called it', () => {
    const broken = {
      pluginId: 'Catalog',
      operations: { a: operation({ alow: 1, timeout: -1 }, 'a'), 'b-b': get('/b') },
    };
    let thrown: unknown;

    try {
      defineApi(broken as never);
    } catch (error) {
      thrown = error;
    }

    expect(thrown).to.be.instanceOf(ContractError);
    const { code, message, problems, stack } = thrown as ContractError;
    expect([code, problems.length]).to.deep.equal(['INVALID_API', 5]);
    expect(message).to.match(
      /^\[INVALID_API\] 'Catalog' is not a valid pluginId\n {3}in the api of plugin 'Catalog'\n {3}fix: /,
    );
    expect(/^ +at .*$/m.exec(stack!)?.[0]).to.include('define-api.spec.js');
  });
});
