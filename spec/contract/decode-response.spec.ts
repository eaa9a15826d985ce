import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeResponse, type EncodedResponse } from '../../lib/contract/decode-response.js';
import { encodeErrorEvent, encodeEvent } from '../../lib/contract/event-stream.js';
import { defineApi, get, isRemoteError, raw, RemoteError, type OperationDefinition } from '../../lib/contract/index.js';

const anything = { schema: z.unknown(), jsonSchema: {} };

const api = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/read', { response: anything, errors: { gone_away: { status: 410, details: z.string() } } }),
    made: get('/made', { response: anything, status: 201 }),
    several: get('/several', { responses: { 200: anything, 202: z.string(), 204: null } }),
    nothing: get('/nothing'),
    bytes: get('/bytes', { response: raw('image/png') }),
    watch: get('/watch', { stream: anything, errors: { gone_away: { status: 410, details: z.string() } } }),
  },
});

interface Answer extends EncodedResponse {
  cancelled: number;
}

function answer(status: number, text = '', type = 'application/json'): Answer {
  const bytes = new TextEncoder().encode(text);
  return {
    cancelled: 0,
    status,
    headers: { 'content-type': type },
    text: () => Promise.resolve(text),
    body: (async function* () {
      yield await Promise.resolve(bytes);
    })(),
    cancel() {
      this.cancelled++;
    },
  };
}

async function failure(operation: OperationDefinition, response: EncodedResponse): Promise<RemoteError> {
  const outcome = await decodeResponse(operation, response).then(
    value => value,
    (error: unknown) => error,
  );
  if (!isRemoteError(outcome, operation)) throw new Error(`it was decoded as ${JSON.stringify(outcome)}`);
  return outcome;
}

function errorBody(code: string, details?: unknown): string {
  return JSON.stringify({ error: { code, message: 'No', details }, requestId: 'r-1' });
}

async function collect(values: unknown): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const value of values as AsyncIterable<unknown>) all.push(value);
  return all;
}

describe('decodeResponse()', () => {
  it('gives what JSON says, whatever that is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async text => {
        expect(await decodeResponse(api.read, answer(200, text))).to.deep.equal(JSON.parse(text));
      }),
    );
  });

  it('gives undefined where there is no answer to read', async () => {
    const response = answer(204);

    expect(await decodeResponse(api.nothing, response)).to.equal(undefined);
    expect(response.cancelled).to.equal(1);
  });

  it('gives status and body where there are several responses', async () => {
    expect(await decodeResponse(api.several, answer(202, '"later"'))).to.deep.equal({ status: 202, body: 'later' });
    expect(await decodeResponse(api.several, answer(204))).to.deep.equal({ status: 204, body: undefined });
  });

  it('gives bytes as they come', async () => {
    const [bytes] = await collect(await decodeResponse(api.bytes, answer(200, 'png', 'image/png')));

    expect(new TextDecoder().decode(bytes as Uint8Array)).to.equal('png');
  });

  it('gives the events of a stream one by one', async () => {
    const text = `${encodeEvent('{"a":1}')}: still here\n\nevent: other\ndata: 0\n\n${encodeEvent('2')}`;

    const events = await decodeResponse(api.watch, answer(200, text, 'text/event-stream; charset=utf-8'));

    expect(await collect(events)).to.deep.equal([{ a: 1 }, 2]);
  });

  it('rejects with what the other side tells of an error', async () => {
    const error = await failure(api.read, answer(410, errorBody('gone_away', 'to lunch')));

    expect(error).to.be.instanceOf(Error).and.deep.include({
      name: 'RemoteError',
      message: 'No',
      status: 410,
      code: 'gone_away',
      details: 'to lunch',
      requestId: 'r-1',
      pluginId: 'catalog',
      operation: 'read',
    });
  });

  it('rejects a stream with the error that ends it, with the status that is declared for it', async () => {
    for (const [code, status] of [
      ['gone_away', 410],
      ['internal_error', 500],
      ['toString', 500],
    ] as const) {
      const text = encodeEvent('1') + encodeErrorEvent(errorBody(code)) + encodeEvent('2');
      const events = (await decodeResponse(api.watch, answer(200, text, 'text/event-stream'))) as AsyncGenerator;

      expect((await events.next()).value).to.equal(1);
      const thrown: unknown = await events.next().catch((error: unknown) => error);

      expect(thrown).to.be.instanceOf(RemoteError).and.include({ code, status });
    }
  });

  for (const [what, operation, response, message] of [
    [
      'an error that says nothing',
      api.read,
      answer(502, '<h1>Bad gateway</h1>', 'text/html'),
      'with 502 without saying why',
    ],
    ['an error of another kind', api.read, answer(404, '{"error":"Not Found"}'), 'with 404 without saying why'],
    ['a status that is not declared', api.read, answer(202, '1'), 'with 202 which it does not declare'],
    ['the usual status where another is declared', api.made, answer(200, '1'), 'with 200 which it does not declare'],
    ['a redirect', api.read, answer(302), 'with 302 which it does not declare'],
    ['a body that is not JSON', api.read, answer(200, '<html>'), 'with 200 and a body that is not JSON'],
    ['no body', api.read, answer(200), 'with 200 and a body that is not JSON'],
    ['JSON instead of a stream', api.watch, answer(200, '[]'), 'with 200 that is no stream of events'],
  ] as const) {
    it(`takes for no answer of the contract: ${what}`, async () => {
      const { code, message: told } = await failure(operation, response);

      expect([code, told]).to.deep.equal([
        'INVALID_ANSWER',
        `Plugin 'catalog' answered '${operation.name}' ${message}`,
      ]);
    });
  }

  it('lets JSON change nothing but values', async () => {
    const hostile =
      '{"error":{"code":"a","message":"b","details":{"__proto__":{"polluted":1}},"name":"x","stack":"y"},"requestId":"c","pluginId":"z","__proto__":{"polluted":1}}';

    const error = await failure(api.read, answer(400, hostile));

    expect(error).to.include({ name: 'RemoteError', pluginId: 'catalog' }).and.not.have.property('polluted');
    expect({}).to.not.have.property('polluted');
    expect(Object.getPrototypeOf(error)).to.equal(RemoteError.prototype);
  });
});

describe('isRemoteError()', () => {
  const gone = new RemoteError(api.read, { status: 410, code: 'gone_away', message: 'No', details: 'to lunch' });

  it('knows an error of the other side, of an operation, and by its code', () => {
    expect(isRemoteError(gone)).to.equal(true);
    expect([isRemoteError(gone, api.read), isRemoteError(gone, api.made)]).to.deep.equal([true, false]);
    expect(isRemoteError(gone, api.read, 'gone_away') && gone.details.length).to.equal(8);
  });

  it('takes no error for a declared one that has another status, or none of the details', () => {
    const options = { status: 410, code: 'gone_away', message: 'No', details: 'to lunch' };

    expect(isRemoteError(new RemoteError(api.read, { ...options, status: 404 }), api.read, 'gone_away')).to.equal(
      false,
    );
    expect(
      isRemoteError(new RemoteError(api.read, { ...options, details: undefined }), api.read, 'gone_away'),
    ).to.equal(false);
  });

  it('knows an error that another copy of the package has made, and nothing that only looks like one', async () => {
    const copy: unknown = await import('backplane/contract');
    const { RemoteError: Copied } = copy as { RemoteError: typeof RemoteError };

    expect(isRemoteError(new Copied(api.read, { status: 410, code: 'gone_away', message: 'No' }))).to.equal(true);
    expect(Copied).to.not.equal(RemoteError);
    for (const other of [
      undefined,
      null,
      'a',
      new Error('a'),
      { name: 'RemoteError', status: 410 },
      Object.create(gone),
    ] as unknown[])
      expect(isRemoteError(other)).to.equal(false);
  });
});
