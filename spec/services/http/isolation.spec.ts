import { expect } from 'chai';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as ask } from 'node:https';
import { Server } from 'node:net';
import { json, text as textOf } from 'node:stream/consumers';
import type { Context, Middleware, Next } from 'koa';
import { deflateSync } from 'node:zlib';
import { currentAccount } from '../../../lib/api/attribution.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import { HttpFixture } from './http-fixture.js';

const open = { allow: 'unauthenticated' } as const;

describe('Plugins of one HTTP server', () => {
  let http: HttpFixture;

  beforeEach(async () => {
    http = await HttpFixture.start();
  });

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  it('I29: get the requests of their own id and no others: 20 ids × 20 paths', async () => {
    const ids = [
      'a', 'aa', 'a-a', 'a-b', 'a-b-c', 'ab', 'abc', 'b', 'b-a', 'foo', 'foo-bar', 'foobar', 'foo-b', 'fo', 'foo2',
      'api', 'api-docs', 'health', 'x', 'search',
    ]; // prettier-ignore
    const paths = [
      '/', '/x', '/x/y', '/a', '/a/x', '/foo', '/foo-bar', '/foo/bar', '/api', '/api/a', '/api/foo/x', '/a-b', '/-', '/-bar',
      '/.x', '/x.', '/.backplane', '/health', '/search?x=/api/a', '/x/api/a-b-c',
    ]; // prettier-ignore
    for (const id of ids) http.plugin(id).use(ctx => void (ctx.body = `${id} ${ctx.url}`), open);

    const wrong: string[] = [];
    for (const id of ids) {
      const answers = await Promise.all(paths.map(path => http.ask(`/api/${id}${path}`)));
      for (const [n, { text }] of answers.entries())
        if (text !== `${id} ${paths[n]}`) wrong.push(`${id} ${paths[n]}: ${text}`);
    }

    expect(wrong).to.deep.equal([]);
  });

  it('I31: have a context, a state and an application of their own', async () => {
    const seen: { ctx: PluginContext; state: unknown; app: unknown }[] = [];
    for (const id of ['a', 'b']) {
      const router = http.plugin(id);
      http.route(router, 'GET /x', ctx => void seen.push({ ctx, state: ctx.state, app: ctx.app }));
      http.route(router, 'GET /mark', ctx => {
        Object.assign(ctx.app, { mark: id });
        Object.assign(ctx.app.context, { mark: id });
        Object.assign(ctx.state, { mark: id });
      });
    }

    await http.ask('/api/a/mark');
    await http.ask('/api/a/x');
    await http.ask('/api/a/x');
    await http.ask('/api/b/x');

    const [first, second, other] = seen as [(typeof seen)[0], (typeof seen)[0], (typeof seen)[0]];
    expect(Object.getPrototypeOf(first.state)).to.equal(null);
    expect(first.state).to.deep.equal(Object.create(null));
    expect(first.state).not.to.equal(second.state);
    expect(first.app).to.equal(second.app);
    expect(first.app).not.to.equal(other.app);
    expect(first.ctx).to.have.property('mark', 'a');
    expect(other.ctx).not.to.have.property('mark');
    expect(other.app).not.to.have.property('mark');
  });

  it('I31: do not reach the server through the socket, nor routes through the application', async () => {
    http.route(http.plugin('a'), 'GET /x', ctx => {
      const { server } = ctx.socket as unknown as { server: Record<string, unknown> };
      const callable = ['close', 'listeners', 'removeAllListeners', 'closeAllConnections', 'on', 'listen', '_events'];
      return {
        reached: callable.filter(name => server[name] !== undefined),
        same: ctx.req.socket === ctx.socket && ctx.socket.remoteAddress !== undefined,
        forged: (server['emit'] as (event: string) => unknown)('request'),
        middleware: ctx.app.middleware,
      };
    });

    const { body } = await http.ask('/api/a/x');

    expect(body).to.deep.equal({ reached: [], same: true, forged: false, middleware: [] });
  });

  for (const scheme of ['http', 'https']) {
    it(`I31: do not find the server among anything that hangs on a request of ${scheme}`, async () => {
      await using https = await HttpFixture.start({ https: true });
      const fixture = scheme === 'http' ? http : https;
      fixture.route(fixture.plugin('a'), 'GET /x', ctx => waysToServers({ req: ctx.req, res: ctx.res }));

      const text = scheme === 'http' ? (await http.ask('/api/a/x')).text : await askInsecurely(https.port, '/api/a/x');

      expect(JSON.parse(text)).to.deep.equal([]);
    });
  }

  it('are told of their request on their own account, over TLS as well', async () => {
    await using https = await HttpFixture.start({ https: true });
    https.route(https.plugin('a'), 'POST /x', ({ req }) => {
      const told: unknown[] = [];
      for (const name of ['data', 'end']) req.once(name, () => told.push(currentAccount()?.pluginId));
      return new Promise(resolve => req.on('end', () => resolve(told)));
    });
    const options = { port: https.port, path: '/api/a/x', method: 'POST', agent: false, rejectUnauthorized: false };
    const outgoing = ask({ ...options, headers: { 'content-length': 4, expect: '100-continue' } });

    outgoing.on('continue', () => outgoing.end('four')).flushHeaders();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];

    expect(await json(answer)).to.deep.equal(['a', 'a']);
  });

  it('I31: are given nothing of the root router with a request', async () => {
    const router = http.plugin('a');
    router[Symbol.dispose]();
    let keys: string[] = [];
    http.root.mount({
      pluginId: 'a',
      async handle(request) {
        keys = Object.values(request).map(value => (value as object)?.constructor?.name);
        request.res.end();
      },
    });

    await http.ask('/api/a/x');

    expect(keys).not.to.include.members(['RootHttpRouter', 'OpenExchanges']);
    expect(keys).to.include.members(['IncomingMessage', 'ServerResponse']);
  });

  it('I32: do not run what another one uses', async () => {
    const order: string[] = [];
    const a = http.plugin('a');
    a.use(async (ctx, next) => {
      order.push('a');
      await next();
      ctx.body = 'changed by a';
    }, open); // prettier-ignore
    http.plugin('b').use(ctx => void (ctx.body = 'b'), open);

    expect((await http.ask('/api/b/x')).text).to.equal('b');
    expect((await http.ask('/nowhere')).status).to.equal(404);
    expect(order).to.deep.equal([]);
  });

  it('do not see what another one did to a request, nor its parameters', async () => {
    const a = http.plugin('a');
    http.route(a, 'GET /:id', ctx => ({ ...ctx.params }));
    http.route(http.plugin('b'), 'GET /x', ctx => ({ ...ctx.params, plugin: ctx.pluginId }));

    expect((await http.ask('/api/a/1')).body).to.deep.equal({ id: '1' });
    expect((await http.ask('/api/b/x')).body).to.deep.equal({ plugin: 'b' });
  });
});

describe('Koa middleware of others', () => {
  let http: HttpFixture;

  beforeEach(async () => {
    http = await HttpFixture.start();
  });

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  /** As koa-compress does it: waits, looks at body and headers, and replaces the body. */
  const compress: Middleware = async (ctx: Context, next: Next) => {
    ctx.vary('Accept-Encoding');
    await next();
    if (ctx.headerSent || !ctx.writable || !ctx.body || ctx.acceptsEncodings('deflate') !== 'deflate') return;
    const text = typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body);
    ctx.set('Content-Encoding', 'deflate');
    ctx.body = deflateSync(text);
  };

  /** As koa-session does it: is given the application, and adds to the prototype of its contexts. */
  const session = (app: { context: object }): Middleware => {
    Object.defineProperty(app.context, 'session', {
      configurable: true,
      get(this: { state: { session?: object }; cookies: { get(name: string): string | undefined } }) {
        return (this.state.session ??= { user: this.cookies.get('user') });
      },
    });
    return async (ctx: Context, next: Next) => {
      await next();
      ctx.cookies.set('seen', 'yes', { signed: false });
    };
  };

  it('may compress', async () => {
    const router = http.plugin('a');
    http.route(router, 'GET /route', () => ({ a: 1 }), { middleware: [compress] });
    router.use(compress, open);
    router.use(ctx => void (ctx.body = { b: 2 }), open);

    for (const [path, text] of [
      ['route', '{"a":1}'],
      ['used', '{"b":2}'],
    ]) {
      const { headers } = await http.ask(`/api/a/${path}`, { headers: { 'accept-encoding': 'deflate' } });
      expect(headers['content-encoding']).to.equal('deflate');
      expect(headers['content-length']).to.equal(String(deflateSync(text!).length));
      expect(headers.vary).to.equal('Accept-Encoding');
    }
  });

  it('may have sessions, with the application that ctx.app is', async () => {
    const router = http.plugin('a');
    let made: Middleware | undefined;
    router.use((ctx, next) => (made ??= session(ctx.app))(ctx, next), open);
    router.use(ctx => void (ctx.body = (ctx as unknown as { session: object }).session), open);

    const { body, headers } = await http.ask('/api/a/x', { headers: { cookie: 'user=ann' } });

    expect(body).to.deep.equal({ user: 'ann' });
    expect(headers['set-cookie']?.[0]).to.contain('seen=yes');
  });

  it('may read the body of the request', async () => {
    const router = http.plugin('a');
    router.use(async ctx => {
      let text = '';
      for await (const chunk of ctx.req) text += String(chunk);
      ctx.body = text.toUpperCase();
    }, open); // prettier-ignore

    const response = await fetch(`http://127.0.0.1:${http.port}/api/a/x`, { method: 'POST', body: 'hello' });

    expect(await response.text()).to.equal('HELLO');
  });
});

/** The properties that lead from `start` to a server, by breadth. */
function waysToServers(start: object): string[] {
  const ways: string[] = [];
  const seen = new Set<unknown>([start]);
  const holders: (readonly [string, object])[] = [['', start]];
  for (const [way, holder] of holders) {
    for (const key of Reflect.ownKeys(holder)) {
      const value = Object.getOwnPropertyDescriptor(holder, key)?.value as unknown;
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      seen.add(value);
      const longer = `${way}.${String(key)}`;
      if (value instanceof Server) ways.push(longer);
      else holders.push([longer, value]);
    }
  }
  return ways;
}

async function askInsecurely(port: number, path: string): Promise<string> {
  const options = { port, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false };
  const [incoming] = (await once(ask(options).end(), 'response')) as [IncomingMessage];
  return await textOf(incoming);
}
