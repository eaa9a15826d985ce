import { expect } from 'chai';
import { connect } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { currentAccount } from '../../../lib/api/attribution.js';
import type { UpgradeDetails, UpgradeHandler } from '../../../lib/api/http-services.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { HttpRouterService, Plugin } from '../../../lib/index.js';
import { mockCredentials } from '../../../lib/testing/index.js';
import { pause } from '../../../lib/util/pause.js';
import { GuardedBackend } from '../../security/guarded-backend.js';
import { HttpFixture } from './http-fixture.js';
import { until } from '../../faults/harness/until.js';
import { closed, firstMessage, open, refused, say } from './socket-client.js';

/** A handler around the real `ws`, as its users write it. */
function speaking(work: (ws: WebSocket, details: UpgradeDetails) => void): UpgradeHandler {
  const server = new WebSocketServer({ noServer: true });
  return (req, socket, head, details) => server.handleUpgrade(req, socket, head, ws => work(ws, details));
}

const echo = speaking(ws => ws.on('message', data => ws.send((data as Buffer).toString())));
const anybody = { allow: 'unauthenticated' } as const;

@Plugin({ pluginId: 'a' })
class SocketPlugin {
  constructor(router: HttpRouterService) {
    const tell = speaking((ws, { credentials, params, requestId }) =>
      ws.send(JSON.stringify({ principal: credentials.principal, params, requestId })),
    );
    router.upgrade('/open', tell, anybody);
    router.upgrade('/undeclared', tell);
    router.upgrade('/rooms/:room', tell, { allow: ['user'] });
    router.upgrade('/pages', tell, { allow: ['user-cookie'] });
    router.upgrade('/partners', tell, { allow: ['user-cookie'], origins: ['https://partner.example.com'] });
  }
}

function guarded(backend: JsonObject = {}): Promise<GuardedBackend> {
  return GuardedBackend.start({ features: [SocketPlugin], config: { backend } });
}

describe('HttpRouterService.upgrade()', () => {
  let server: HttpFixture;

  beforeEach(async () => {
    server = await HttpFixture.start({ server: { handlerTimeout: 300 }, lifecycle: { drainTimeout: 300 } });
  });

  afterEach(() => server[Symbol.asyncDispose]());

  it('hands the connection to the handler, on which the ws package then speaks', async () => {
    server.plugin('a').upgrade('/echo', echo, anybody);

    const socket = await open(server.port, '/api/a/echo');

    expect(await say(socket, 'one')).to.equal('one');
    expect(await say(socket, 'x'.repeat(100_000))).to.have.length(100_000);
    await pause(700); // Longer than an answer may take.
    expect(await say(socket, 'two')).to.equal('two');
    socket.close(1000);
    expect(await closed(socket)).to.equal(1000);
  });

  it('gives the parameters, the credentials and the id of the request', async () => {
    await using backend = await guarded();
    const headers = { authorization: mockCredentials.user.header('user:default/ada'), 'x-request-id': 'r-1' };

    const told = await firstMessage(backend.port, '/api/a/rooms/blue', { headers });

    expect(JSON.parse(told)).to.deep.equal({
      principal: { type: 'user', userEntityRef: 'user:default/ada' },
      params: { room: 'blue' },
      requestId: 'r-1',
    });
  });

  it('refuses with our error body, and ends the connection', async () => {
    await using backend = await guarded();
    const invalid = { headers: { authorization: 'Bearer nonsense' } };
    const service = { headers: { authorization: mockCredentials.service.header() } };

    const answers = await Promise.all([
      refused(backend.port, '/api/a/undeclared'),
      refused(backend.port, '/api/a/undeclared', invalid),
      refused(backend.port, '/api/a/rooms/blue', service),
      refused(backend.port, '/api/a/nothing'),
    ]);

    expect(answers.map(({ status, code }) => [status, code])).to.deep.equal([
      [401, 'missing_credentials'],
      [401, 'illegal_token'],
      [403, 'forbidden'],
      [404, 'not_found'],
    ]);
    for (const { headers } of answers.slice(0, 3)) {
      expect(headers.connection).to.equal('close');
      expect(headers['x-content-type-options']).to.equal('nosniff');
      expect(headers['x-request-id']).to.be.a('string');
    }
  });

  describe('and the origin of the page', () => {
    const cookie = { cookie: mockCredentials.user.cookie() };
    const from = (origin: string, headers: Record<string, string> = {}) => ({ headers: { origin, ...headers } });

    it('lets programs, pages of the same origin and those that CORS names connect', async () => {
      await using backend = await guarded({ cors: { origin: 'https://*.example.com' } });

      for (const options of [{}, from(`http://127.0.0.1:${backend.port}`), from('https://www.example.com')]) {
        expect(await firstMessage(backend.port, '/api/a/open', options)).to.include('none');
      }
    });

    it('refuses every other one', async () => {
      await using backend = await guarded({ cors: { origin: 'https://*.example.com' } });
      const own = `http://127.0.0.1:${backend.port}`;

      for (const origin of ['https://evil.test', 'null', '', `${own}.evil.test`, `http://127.0.0.1:1`, `x${own}`]) {
        const { status, code } = await refused(backend.port, '/api/a/open', from(origin));
        expect([status, code], origin).to.deep.equal([403, 'foreign_origin']);
      }
    });

    it('is that of the base URL where that is known', async () => {
      await using backend = await guarded({ baseUrl: 'https://portal.example.com' });

      const socket = await open(backend.port, '/api/a/open', from('https://portal.example.com'));
      socket.terminate();
      const { status } = await refused(backend.port, '/api/a/open', from(`http://127.0.0.1:${backend.port}`));

      expect(status).to.equal(403);
    });

    it('has to be known, by name, for a cookie to count', async () => {
      await using backend = await guarded({ cors: { origin: '*' } });
      const token = { authorization: mockCredentials.user.header() };

      const byCookie = await Promise.all([
        refused(backend.port, '/api/a/pages', from('https://evil.test', cookie)),
        refused(backend.port, '/api/a/pages', { headers: cookie }),
        refused(backend.port, '/api/a/partners', from('https://partner.example.com.evil.test', cookie)),
      ]);
      const sockets = await Promise.all([
        open(backend.port, '/api/a/pages', from(`http://127.0.0.1:${backend.port}`, cookie)),
        open(backend.port, '/api/a/partners', from('https://partner.example.com', cookie)),
        open(backend.port, '/api/a/pages', { headers: token }),
        open(backend.port, '/api/a/open', from('https://anybody.test')),
      ]);

      expect(byCookie.map(({ code }) => code)).to.deep.equal(Array(3).fill('foreign_origin'));
      for (const socket of sockets) socket.terminate();
    });

    it('is refused as an option that is none', () => {
      const router = server.plugin('a');

      expect(() => router.upgrade('/x', echo, { origins: ['*'] }))
        .to.throw()
        .with.property('code', 'INVALID_ROUTE');
    });
  });

  it('holds a connection until its plugin is ready, and refuses it where that fails', async () => {
    const router = server.plugin('a', 'starting');
    server.plugin('b', 'failed').upgrade('/echo', echo, anybody);
    const early = open(server.port, '/api/a/echo');
    await pause(50);

    router.upgrade('/echo', echo, anybody);
    server.status.enterPlugin('a', 'ready');

    expect(await say(await early, 'hello')).to.equal('hello');
    expect(await refused(server.port, '/api/b/echo')).to.include({ status: 503, code: 'plugin_unavailable' });
  });

  it('counts as a request where requests are limited', async () => {
    await using limited = await HttpFixture.start({
      trustProxy: 'loopback',
      rateLimit: { window: '1m', incomingRequestLimit: 1 },
    });
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    limited.plugin('a').upgrade('/echo', echo, anybody);

    const socket = await open(limited.port, '/api/a/echo', { headers });

    expect((await refused(limited.port, '/api/a/echo', { headers })).status).to.equal(429);
    socket.terminate();
  });

  it('is logged as one request, when the connection has ended', async () => {
    server.plugin('a').upgrade('/echo', echo, anybody);

    const socket = await open(server.port, '/api/a/echo?token=secret');
    socket.close();
    await closed(socket);
    await pause(20);

    const { meta } = server.logger.entries.find(({ message }) => message === 'Request answered')!;
    expect(meta).to.include({ status: 101, url: '/api/a/echo', plugin: 'a' });
    expect(meta).not.to.have.property('aborted');
  });

  it('tells a request without the wish that it is needed', async () => {
    server.plugin('a').upgrade('/echo', echo, anybody);

    const { status, headers, body } = await server.ask('/api/a/echo');

    expect(status).to.equal(426);
    expect(headers.upgrade).to.equal('websocket');
    expect((body as { error: object }).error).to.include({ code: 'upgrade_required' });
  });

  it('leaves requests alone that offer another protocol to a route: body, order and connection', async () => {
    const router = server.plugin('a');
    router.upgrade('/echo', echo, anybody);
    server.route(router, 'POST /twice', async ctx => {
      let text = '';
      for await (const chunk of ctx.req) text += String(chunk);
      return `${text}${text} ${ctx.get('x-empty') === '' ? 'empty' : ''}${ctx.get('upgrade')}`;
    });
    const ask = (body: string) =>
      `POST /api/a/twice HTTP/1.1\r\nHost: a\r\nx-empty:\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

    const text = await server.raw(
      `${ask('one')}${ask('two')}GET /api/a/none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );

    expect(text.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
    expect(text).to.include('oneone empty').and.include('twotwo empty');
    expect(text).not.to.include('h2c');
  });

  it('has what is then answered as usual run on no account of the plugin that has answered before', async () => {
    const accounts: unknown[] = [];
    server.route(server.plugin('a'), 'GET /slow', () => pause(50));
    server.root.use('/page', async ctx => {
      await pause(1);
      accounts.push(currentAccount()?.pluginId);
      ctx.body = 'page';
    });
    const wish = 'GET /page HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';

    const text = await server.raw(
      `GET /api/a/slow HTTP/1.1\r\nHost: a\r\n\r\n${wish}GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );

    expect(text.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 204', 'HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(accounts).to.deep.equal([undefined, undefined]);
  });

  it('leaves nothing on a connection that offers another protocol again and again', async () => {
    const router = server.plugin('a');
    const counts: unknown[] = [];
    server.route(router, 'GET /count', ({ req: { socket } }) => {
      counts.push(socket.eventNames().map(name => [name, socket.listenerCount(name)]));
      return 'ok';
    });
    const socket = connect(server.port, '127.0.0.1');
    for (let i = 0; i < 5; i++) {
      socket.write('GET /api/a/count HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
      await new Promise(resolve => socket.once('data', resolve));
    }
    socket.destroy();

    expect(counts[4]).to.deep.equal(counts[1]);
  });

  it('answers what the handler throws before it has written anything', async () => {
    const router = server.plugin('a');
    router.upgrade('/bad', () => Promise.reject(new Error('no way')), anybody);

    expect(await refused(server.port, '/api/a/bad')).to.include({ status: 500, code: 'internal_server_error' });
    expect(server.logger.messages('error')).to.deep.equal(['A request failed']);
  });

  it('gives a handler that never answers the time of every other one', async () => {
    server.plugin('a').upgrade('/never', () => {}, anybody);

    expect(await refused(server.port, '/api/a/never')).to.include({ status: 503, code: 'handler_timeout' });
  });

  it("runs what the connection brings on the plugin's account", async () => {
    const accounts: unknown[] = [];
    const note = speaking(ws => ws.on('message', () => ws.send(String(accounts.push(currentAccount()?.pluginId)))));
    server.plugin('a').upgrade('/note', note, anybody);

    const socket = await open(server.port, '/api/a/note');
    await say(socket, 'one');

    expect(accounts).to.deep.equal(['a']);
    socket.terminate();
  });

  it('charges what a listener on the connection throws to the plugin', async () => {
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const charged = new Promise<unknown>(resolve =>
      process.once('uncaughtException', ({ message }) => resolve([message, currentAccount()?.pluginId])),
    );
    server.plugin('a').upgrade(
      '/throws',
      (_req, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
        socket.on('data', () => {
          throw new Error('not understood');
        });
      },
      anybody,
    );

    const socket = connect(server.port, '127.0.0.1').once('data', () => socket.write('hello'));
    socket.write('GET /api/a/throws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    const outcome = await charged;
    for (const other of others) process.on('uncaughtException', other);
    socket.destroy();

    expect(outcome).to.deep.equal(['not understood', 'a']);
  });

  it('ends with the plugin, and is the next one’s when that starts again', async () => {
    const first = server.plugin('a');
    first.upgrade('/echo', echo, anybody);
    const socket = await open(server.port, '/api/a/echo');
    const end = closed(socket);

    first[Symbol.dispose]();
    expect(await end).to.equal(1006);
    expect((await refused(server.port, '/api/a/echo')).status).to.equal(404);
    server.plugin('a').upgrade('/echo', echo, anybody);

    const again = await open(server.port, '/api/a/echo');
    expect(await say(again, 'again')).to.equal('again');
    again.terminate();
  });

  it('R35: lets handlers say good-bye when the server stops', async () => {
    const polite = speaking((ws, { closing }) => closing.addEventListener('abort', () => ws.close(1001)));
    server.plugin('a').upgrade('/polite', polite, anybody);
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(server.port, '/api/a/polite')));
    const codes = sockets.map(closed);

    const begin = performance.now();
    const problems = await server.stop();

    expect(await Promise.all(codes)).to.deep.equal(Array(20).fill(1001));
    expect(problems).to.deep.equal([]);
    expect(performance.now() - begin).to.be.below(2_000);
  });

  it('cuts connections that outlast the stop, and names their plugin', async () => {
    server.plugin('a').upgrade('/echo', echo, anybody);
    const socket = await open(server.port, '/api/a/echo');
    socket.on('error', () => {});
    const end = closed(socket);

    const [problem] = await server.stop();

    expect(await end).to.equal(1006);
    expect(problem).to.include({ code: 'DRAIN_TIMEOUT' });
    expect(problem!.path.join()).to.include("1 of plugin 'a'");
  });

  it('takes no more at once than may wait, and forgets those that have gone', async function () {
    this.timeout(30_000);
    await using small = await HttpFixture.start({ lifecycle: { maxHeldRequests: 50 } });
    small.plugin('a', 'starting').upgrade('/echo', echo, anybody);
    const ask = 'GET /api/a/echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    let answered = 0;
    const sockets = Array.from({ length: 1_000 }, () => {
      const socket = connect(small.port, '127.0.0.1', () => socket.write(ask));
      return socket.on('error', () => {}).on('data', data => (answered += Number(String(data).includes(' 503 '))));
    });
    await until('950 to be refused', () => answered >= 950);
    await pause(100);

    expect(answered).to.equal(950);
    for (const socket of sockets) socket.resetAndDestroy();
    await pause(200);
    small.status.enterPlugin('a', 'ready');
    const socket = await open(small.port, '/api/a/echo');
    expect(await say(socket, 'still here')).to.equal('still here');
    socket.terminate();
  });

  it('gives up on a request that takes too long to arrive', async () => {
    await using slow = await HttpFixture.start({ server: { headersTimeout: '1s', requestTimeout: '1s' } });
    slow.plugin('a').upgrade('/echo', echo, anybody);

    const text = await slow.raw('GET /api/a/echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websock');

    expect(text).to.match(/^HTTP\/1\.1 408 /);
  });

  it('ends a connection that brings no WebSocket behind its wish', async () => {
    server.plugin('a').upgrade('/echo', echo, anybody);

    const text = await server.raw(
      'GET /api/a/echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );

    expect(text).to.match(/^HTTP\/1\.1 400 /);
  });
});
