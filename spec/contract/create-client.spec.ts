import { expect } from 'chai';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { encodeErrorEvent, encodeEvent } from '../../lib/contract/event-stream.js';
import { ContractError, createClient, defineApi, get, isRemoteError, post, raw } from '../../lib/contract/index.js';

const api = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities/:name', { params: z.object({ name: z.string() }), response: z.object({ name: z.string() }) }),
    ping: get('/ping'),
    upload: post('/icons', { body: raw('image/png'), response: raw('image/png') }),
    watch: get('/events', { stream: z.object({ n: z.number() }) }),
  },
});

/** Answers each request as `handle` says, for as long as `use` takes. */
async function serving<T>(
  handle: (req: IncomingMessage, res: ServerResponse) => unknown,
  use: (baseUrl: string) => Promise<T>,
): Promise<T> {
  const server = createServer((req, res) => void handle(req, res));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
}

function json(res: ServerResponse, value: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

describe('createClient()', () => {
  it('calls an operation at the backend, and gives what it answers', async () => {
    const seen: string[] = [];

    const entity = await serving(
      (req, res) => {
        seen.push(`${req.method} ${req.url} ${req.headers.authorization} ${String(req.headers['x-usual'])}`);
        json(res, { name: 'backplane' });
      },
      baseUrl =>
        createClient(api, { baseUrl: `${baseUrl}/`, token: 'secret', headers: { 'x-usual': 'a' } }).read({
          params: { name: 'back plane' },
        }),
    );

    expect(entity).to.deep.equal({ name: 'backplane' });
    expect(seen).to.deep.equal(['GET /api/catalog/entities/back%20plane Bearer secret a']);
  });

  it('asks for the token at each call, and sends none where there is none', async () => {
    const tokens = ['one', undefined];
    const seen: unknown[] = [];

    await serving(
      (req, res) => {
        seen.push(req.headers.authorization);
        res.writeHead(204).end();
      },
      async baseUrl => {
        const client = createClient(api, { baseUrl, token: () => Promise.resolve(tokens.shift()) });
        await client.ping();
        await client.ping({});
      },
    );

    expect(seen).to.deep.equal(['Bearer one', undefined]);
  });

  it('rejects with what the backend tells of an error', async () => {
    const error: unknown = await serving(
      (_req, res) => json(res, { error: { code: 'not_found', message: 'No such entity' }, requestId: 'r-1' }, 404),
      baseUrl =>
        createClient(api, { baseUrl })
          .ping()
          .catch((thrown: unknown) => thrown),
    );

    expect(isRemoteError(error, api.ping) && [error.status, error.code, error.message]).to.deep.equal([
      404,
      'not_found',
      'No such entity',
    ]);
  });

  it('sends bytes as they come, and gives bytes as they come', async () => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new TextEncoder().encode('pn'));
      yield new TextEncoder().encode('g');
    }
    const types: unknown[] = [];

    const back = await serving(
      (req, res) => {
        types.push(req.headers['content-type']);
        req.pipe(res.writeHead(200, { 'content-type': 'image/png' }));
      },
      async baseUrl => {
        const { upload } = createClient(api, { baseUrl });
        const texts: string[] = [];
        for (const body of [bytes(), new TextEncoder().encode('gif')]) {
          let text = '';
          for await (const chunk of upload({ body })) text += new TextDecoder().decode(chunk);
          texts.push(text);
        }
        return texts;
      },
    );

    expect(back).to.deep.equal(['png', 'gif']);
    expect(types).to.deep.equal(['image/png', 'image/png']);
  });

  it('calls what flows once somebody reads, and ends the call when nobody reads any more', async () => {
    let calls = 0;
    let ended = (): void => {};
    const end = new Promise<void>(resolve => (ended = resolve));

    const numbers = await serving(
      (_req, res) => {
        calls++;
        res.on('close', ended).writeHead(200, { 'content-type': 'text/event-stream' });
        res.write(encodeEvent('{"n":1}') + encodeEvent('{"n":2}'));
      },
      async baseUrl => {
        const events = createClient(api, { baseUrl }).watch();
        const before = calls;
        const read: number[] = [];
        for await (const { n } of events) if (read.push(n) === 2) break;
        await end;
        return [before, ...read];
      },
    );

    expect(numbers).to.deep.equal([0, 1, 2]);
    expect(calls).to.equal(1);
  });

  it('tells the error that ends a stream', async () => {
    const told = await serving(
      (_req, res) => {
        const body = JSON.stringify({ error: { code: 'internal_error', message: 'No' }, requestId: 'r-1' });
        res
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end(encodeEvent('{"n":1}') + encodeErrorEvent(body));
      },
      async baseUrl => {
        const read: unknown[] = [];
        try {
          for await (const { n } of createClient(api, { baseUrl }).watch()) read.push(n);
        } catch (error) {
          read.push(isRemoteError(error, api.watch) && error.code);
        }
        return read;
      },
    );

    expect(told).to.deep.equal([1, 'internal_error']);
  });

  it('is given up by a signal', async () => {
    const outcome = await serving(
      () => {},
      async baseUrl => {
        const controller = new AbortController();
        const asked = createClient(api, { baseUrl }).ping({}, { signal: controller.signal });
        controller.abort(new RangeError('enough'));
        return asked.catch((error: unknown) => error);
      },
    );

    expect(outcome).to.be.instanceOf(RangeError);
  });

  it('follows nobody elsewhere, where the token would follow', async () => {
    const urls: unknown[] = [];

    const outcome = await serving(
      (req, res) => {
        urls.push(req.url);
        res.writeHead(307, { location: '/elsewhere' }).end();
      },
      baseUrl =>
        createClient(api, { baseUrl, token: 'secret' })
          .ping()
          .then(
            () => 'answered',
            () => 'refused',
          ),
    );

    expect([outcome, urls]).to.deep.equal(['refused', ['/api/catalog/ping']]);
  });

  it('uses the fetch that it is given', async () => {
    const urls: unknown[] = [];
    const client = createClient(api, {
      baseUrl: 'https://portal.example',
      fetch: url => {
        urls.push(url);
        return Promise.resolve(new Response(null, { status: 204 }));
      },
    });

    await client.ping();

    expect(urls).to.deep.equal(['https://portal.example/api/catalog/ping']);
    expect(Object.isFrozen(client)).to.equal(true);
  });

  it('refuses what is no api', () => {
    for (const wrong of [undefined, {}, api.ping])
      expect(() => createClient(wrong as never, { baseUrl: 'http://localhost' })).to.throw(
        /^\[INVALID_API\] What is given to createClient\(\)/,
      );
  });

  it('says of its options everything that is wrong, where it is made, and no secret', () => {
    const options = { tokn: 'x', baseUrl: 'portal.example', token: 'a secret\n', fetch: 1, headers: { 'a b': 'c' } };

    const error = errorOf(() => createClient(api, options as never));

    expect(error.problems.map(({ code, path }) => `${code} ${path[1]}`)).to.deep.equal([
      'INVALID_CLIENT -> tokn',
      'INVALID_CLIENT -> baseUrl',
      'INVALID_CLIENT -> token',
      'INVALID_CLIENT -> fetch',
      'INVALID_CLIENT -> headers',
    ]);
    expect(error.message).not.to.include('secret\n');
    expect(error.stack!.split('\n').find(line => line.includes(' at '))).to.include('create-client.spec');
  });

  for (const [what, baseUrl] of [
    ['nothing', undefined],
    ['a number', 1],
    ['a host alone', 'portal.example'],
    ['a path, which outside of a browser is of nothing', '/portal'],
    ['another scheme', 'ftp://portal.example'],
    ['no URL', 'http://'],
    ['credentials', 'https://ada:secret@portal.example'],
    ['a query', 'https://portal.example?x=1'],
  ] as const) {
    it(`takes no base URL that is, or has, ${what}`, () => {
      expect(errorOf(() => createClient(api, { baseUrl: baseUrl as string })).code).to.equal('INVALID_CLIENT');
    });
  }

  it('takes an address without a host from whoever brings a fetch of its own', async () => {
    const asked: unknown[] = [];
    const ask = (url: unknown) => {
      asked.push(url);
      return Promise.resolve(new Response(null, { status: 204 }));
    };

    await createClient(api, { baseUrl: '/portal', fetch: ask }).ping();

    expect(asked).to.deep.equal(['/portal/api/catalog/ping']);
  });

  it('sends nothing where its function gives no token', async () => {
    for (const token of [null, 5, '', 'two words', 'secret\r\nx-admin: 1']) {
      const fetchNothing = () => Promise.reject(new Error('it was sent'));
      const client = createClient(api, {
        baseUrl: 'http://localhost',
        fetch: fetchNothing,
        token: () => token as string,
      });

      const error = await client.ping().then(
        () => undefined,
        (reason: unknown) => reason as ContractError,
      );

      expect(error?.code).to.equal('INVALID_CLIENT');
      expect(error?.message).not.to.include('admin');
    }
  });
});

function errorOf(work: () => unknown): ContractError {
  try {
    work();
  } catch (error) {
    if (error instanceof ContractError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
