import { expect } from 'chai';
import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { PluginContext } from '../../../lib/api/http-services.js';
import {
  BadRequestError,
  ConflictError,
  HttpError,
  NotFoundError,
  PayloadTooLargeError,
  ServiceUnavailableError,
  TooManyRequestsError,
} from '../../../lib/errors/http-error.js';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { HttpFixture } from './http-fixture.js';

function hostileProxy(): unknown {
  const refuse = (): never => {
    throw new Error('CANARY of the trap');
  };
  return new Proxy(new Error('CANARY'), {
    get: refuse,
    getPrototypeOf: refuse,
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
  });
}

function circular(): object {
  const self: Record<string, unknown> = { text: 'CANARY' };
  return Object.assign(self, { self });
}

describe('Errors of a request', () => {
  let http: HttpFixture;
  let router: PluginHttpRouter;
  const around = (_ctx: unknown, next: () => unknown) => next();

  const failWith = (call: (ctx: PluginContext) => unknown, ...middleware: unknown[]) => {
    http.route(router, 'GET /fail', call, { middleware });
    return http.ask('/api/catalog/fail?CANARY', { headers: { 'x-request-id': 'r-1' } });
  };

  beforeEach(async () => {
    http = await HttpFixture.start();
    router = http.plugin('catalog');
  });

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  const thrown: [string, () => unknown][] = [
    ['an error', () => new Error('CANARY')],
    ['several errors', () => new AggregateError([new Error('CANARY')], 'CANARY')],
    ['a string', () => 'CANARY'],
    ['undefined', () => undefined],
    ['null', () => null],
    ['a circular object', circular],
    ['a Proxy that throws whatever it is asked', hostileProxy],
    ['a status of success', () => Object.assign(new Error('CANARY'), { status: 200, expose: true })],
    [
      'a status of the caller',
      () => Object.assign(new Error('CANARY'), { status: 400, statusCode: 400, expose: true }),
    ],
    ['a status that is none', () => Object.assign(new Error('CANARY'), { status: 'x' })],
    ['headers', () => Object.assign(new Error('CANARY'), { headers: { 'Set-Cookie': 'CANARY=1' } })],
    // oxlint-disable-next-line typescript/no-misused-spread -- the lost prototype is the point.
    ['what looks like one of ours', () => ({ ...new NotFoundError('CANARY'), status: 404, code: 'CANARY' })],
    ['an object made of one of ours', () => Object.create(new NotFoundError('CANARY')) as unknown],
  ];
  for (const [what, make] of thrown) {
    for (const middleware of [[], [around]]) {
      it(`S92, S95: are 500 and tell nothing: ${what}${middleware.length > 0 ? ', through middleware' : ''}`, async () => {
        const error = make();

        const { status, body, headers } = await failWith(() => Promise.reject(error), ...middleware);

        expect(status).to.equal(500);
        expect(body).to.deep.equal({
          error: { code: 'internal_server_error', message: 'Internal Server Error' },
          requestId: 'r-1',
        });
        expect(JSON.stringify(headers)).not.to.contain('CANARY');
      });
    }
  }

  it('go to the log of the plugin with the request id, and without the query', async () => {
    const error = new Error('CANARY');

    await failWith(() => {
      throw error;
    });

    expect(http.logger.entries.filter(entry => entry.level !== 'info')).to.deep.equal([
      {
        level: 'error',
        message: 'A request failed',
        meta: { plugin: 'catalog', requestId: 'r-1', method: 'GET', path: '/api/catalog/fail', error },
      },
    ]);
  });

  it('of ours say what the caller is told, and are not logged', async () => {
    const details = [{ pointer: '/a', rule: 'required' }];

    const { status, body } = await failWith(() => {
      throw new BadRequestError('That is not right', { code: 'not_right', details });
    });

    expect(status).to.equal(400);
    expect(body).to.deep.equal({
      error: { code: 'not_right', message: 'That is not right', details },
      requestId: 'r-1',
    });
    expect(http.logger.messages('error')).to.deep.equal([]);
  });

  it('of ours are logged for their cause, which the caller does not see', async () => {
    const { text } = await failWith(() => {
      throw new ServiceUnavailableError(undefined, { cause: new Error('CANARY') });
    });

    expect(text).not.to.contain('CANARY');
    expect(http.logger.messages('error')).to.have.lengthOf(1);
  });

  it('of ours have a status and a code each', async () => {
    const errors = [
      new NotFoundError(),
      new ConflictError(),
      new PayloadTooLargeError(),
      new HttpError(418, 'Tea', { code: 'teapot' }),
    ];
    const told: string[] = [];
    for (const [n, error] of errors.entries()) {
      http.route(router, `GET /${n}`, () => Promise.reject(error));
      const { status, body } = await http.ask(`/api/catalog/${n}`);
      told.push(`${status} ${(body as { error: { code: string } }).error.code}`);
    }

    expect(told).to.deep.equal(['404 not_found', '409 conflict', '413 payload_too_large', '418 teapot']);
  });

  it('of ours say when to come again', async () => {
    http.route(router, 'GET /429', () => Promise.reject(new TooManyRequestsError(undefined, { retryAfter: 1.2 })));

    const { status, headers } = await http.ask('/api/catalog/429');

    expect(status).to.equal(429);
    expect(headers['retry-after']).to.equal('2');
  });

  it('of ours have no status that is not an error', () => {
    for (const status of [200, 302, 99, 600, 404.5, NaN, '404']) {
      expect(() => new HttpError(status as number, 'x', { code: 'x' }), String(status)).to.throw('INVALID_HTTP_STATUS');
    }
  });

  it('of ours lose details that are not JSON', async () => {
    const { status, body } = await failWith(() => Promise.reject(new ConflictError('Taken', { details: circular() })));

    expect(status).to.equal(409);
    expect(body).to.deep.equal({ error: { code: 'conflict', message: 'Taken' }, requestId: 'r-1' });
  });

  it('that ctx.throw() and ctx.assert() make are the words of the author', async () => {
    http.route(router, 'GET /throw', ctx => ctx.throw(404, 'no such thing'));
    http.route(router, 'GET /assert', ctx => ctx.assert(false, 409));
    http.route(router, 'GET /equal', ctx => ctx.assert.equal(1, 2, 400, 'not equal'));
    http.route(router, 'GET /hidden', ctx => ctx.throw(503, 'CANARY'));
    http.route(router, 'GET /broken', ctx => ctx.throw(500, 'CANARY'));

    const answers = await Promise.all(
      ['throw', 'assert', 'equal', 'hidden', 'broken'].map(async name => {
        const { status, body } = await http.ask(`/api/catalog/${name}`);
        const { code, message } = (body as { error: { code: string; message: string } }).error;
        return `${status} ${code}: ${message}`;
      }),
    );

    expect(answers).to.deep.equal([
      '404 not_found: no such thing',
      '409 conflict: Conflict',
      '400 bad_request: not equal',
      '503 service_unavailable: Service Unavailable',
      '500 internal_server_error: Internal Server Error',
    ]);
  });

  it('S97: are 500 for a header with a line break, and split nothing', async () => {
    const { status, headers } = await failWith(ctx => ctx.set('x-a', 'b\r\nset-cookie: CANARY=1'));

    expect(status).to.equal(500);
    expect(headers).not.to.have.any.keys('x-a', 'set-cookie');
  });

  it('undo what the method said about its answer, but for CORS', async () => {
    const { headers } = await failWith(ctx => {
      ctx.set({ 'Content-Encoding': 'gzip', ETag: '"1"', 'Set-Cookie': 'a=b', 'Cache-Control': 'public' });
      ctx.set({ 'Access-Control-Allow-Origin': 'https://app', Vary: 'Origin' });
      ctx.status = 201;
      throw new NotFoundError();
    });

    expect(headers).not.to.have.any.keys('content-encoding', 'etag', 'set-cookie');
    expect(headers).to.include({
      'cache-control': 'no-store',
      'access-control-allow-origin': 'https://app',
      vary: 'Origin',
    });
  });

  for (const [what, value] of [
    ['a circular object', circular()],
    ['a BigInt', 1n],
    ['a symbol', Symbol('CANARY')],
    ['a function', () => 1],
  ] as const) {
    for (const middleware of [[], [around]]) {
      it(`are 500 for a returned value that is not JSON: ${what}${middleware.length > 0 ? ', through middleware' : ''}`, async () => {
        const { status, text } = await failWith(() => value, ...middleware);

        expect(status).to.equal(500);
        expect(text).not.to.contain('CANARY');
        expect(http.logger.messages('error')).to.have.lengthOf(1);
      });
    }
  }

  it('R11: of a stream never look like its end, and go to the log', async () => {
    http.route(router, 'GET /stream', () => {
      const stream = new PassThrough();
      stream.write('beginning');
      setTimeout(() => stream.destroy(new Error('CANARY')), 20);
      return stream;
    });
    http.route(router, 'GET /file', () => createReadStream('/nowhere/CANARY'));

    for (const name of ['stream', 'file']) {
      const outcome = await http.ask(`/api/catalog/${name}`).then(
        ({ status }) => status,
        () => 'reset',
      );
      expect(outcome, name).to.be.oneOf([500, 'reset']);
    }
    expect(http.logger.messages('error')).to.have.lengthOf(2);
    expect((await http.ask('/api/catalog/none')).status).to.equal(404);
  });

  it('that middleware tells the application go to the log, and change nothing else', async () => {
    router.use(
      ctx => {
        ctx.app.emit('error', new Error('told'), ctx);
        ctx.app.emit('error', new Error('told without a context'));
        ctx.body = 'fine';
      },
      { allow: 'unauthenticated' },
    );

    expect((await http.ask('/api/catalog/x')).text).to.equal('fine');
    expect(http.logger.messages('error')).to.deep.equal(['A request failed', 'Middleware failed']);
  });

  it('after the last byte are logged, and the answer stays', async () => {
    const whole = 'x'.repeat(5_000_000);
    const { text } = await failWith(ctx => {
      ctx.res.end(whole);
      throw new Error('CANARY');
    });

    expect(text).to.equal(whole);
    expect(http.logger.messages('error')).to.deep.equal(['A request failed']);
  });

  it('after the first byte end the connection', async () => {
    http.route(router, 'GET /half', ctx => {
      ctx.res.writeHead(200, { 'Content-Type': 'text/plain' });
      ctx.res.write('half');
      throw new Error('CANARY');
    });

    const outcome = await http.ask('/api/catalog/half').then(
      () => 'complete',
      () => 'reset',
    );

    expect(outcome).to.equal('reset');
  });

  it('after the caller has gone are no errors of ours', async () => {
    const gone = new AbortController();
    let aborted = false;
    http.route(router, 'GET /slow', async ctx => {
      gone.abort();
      await new Promise(resolve => ctx.signal.addEventListener('abort', resolve));
      aborted = true;
      throw new Error('nobody waits');
    });

    await fetch(`http://127.0.0.1:${http.port}/api/catalog/slow`, { signal: gone.signal }).catch(() => {});
    await http.ask('/api/catalog/none');

    expect(aborted).to.equal(true);
    expect(http.logger.messages('error')).to.deep.equal([]);
    expect(http.logger.messages('debug')).to.deep.equal(['A request failed']);
  });
});
