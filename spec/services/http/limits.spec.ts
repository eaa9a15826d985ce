import { expect } from 'chai';
import { connect } from 'node:net';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture } from './http-fixture.js';

/** What comes back on a connection on which `bytes` are sent and then nothing, and after how long it ends. */
function linger(port: number, bytes: string): Promise<{ text: string; after: number }> {
  const started = performance.now();
  return new Promise(resolve => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', chunk => (text += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve({ text, after: performance.now() - started }));
  });
}

describe('Limits of the HTTP server', () => {
  it('R56, R58: end connections that do not send their headers', async () => {
    await using http = await HttpFixture.start({ server: { headersTimeout: '1s' } });

    const [slow, silent] = await Promise.all([linger(http.port, 'GET / HTTP/1.1\r\nHost:'), linger(http.port, '')]);

    for (const { text, after } of [slow, silent]) {
      expect(text)
        .to.match(/^HTTP\/1\.1 408 /)
        .and.contain('"code":"request_timeout"');
      expect(after).to.be.within(950, 2_500);
    }
  });

  it('S52: end requests that do not send their body, and only those', async () => {
    await using http = await HttpFixture.start({ server: { requestTimeout: '1s' } });
    let reason: unknown;
    http.route(http.plugin('catalog'), 'POST /x', async ctx => {
      try {
        for await (const _ of ctx.req);
      } catch (error) {
        reason = error;
      }
      return 'read';
    });

    const { text, after } = await linger(
      http.port,
      'POST /api/catalog/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nshort',
    );

    expect(text)
      .to.match(/^HTTP\/1\.1 408 /)
      .and.not.contain('read');
    expect(after).to.be.within(950, 2_500);
    expect(reason).to.be.instanceOf(Error);
  });

  it('R61: end the waiting for a handler, and tell it', async () => {
    await using http = await HttpFixture.start({ server: { handlerTimeout: 100 } });
    const router = http.plugin('catalog');
    let told = false;
    http.route(router, 'GET /never', ctx => {
      ctx.signal.addEventListener('abort', () => (told = true));
      return new Promise(() => {});
    });
    const started = performance.now();

    const { status, body, headers } = await http.ask('/api/catalog/never');

    expect(status).to.equal(503);
    expect(body).to.have.nested.property('error.code', 'handler_timeout');
    expect(headers.connection).to.equal('close');
    expect(performance.now() - started).to.be.within(95, 600);
    expect(told).to.equal(true);
  });

  it('R61: are those of the route where it has its own', async () => {
    await using http = await HttpFixture.start({ server: { handlerTimeout: 100 } });
    const router = http.plugin('catalog');
    http.route(router, 'GET /long', () => pause(300).then(() => 'long'), { timeout: 5_000 });
    http.route(router, 'GET /short', () => pause(300).then(() => 'short'), { timeout: 20 });

    const [long, short] = await Promise.all([http.ask('/api/catalog/long'), http.ask('/api/catalog/short')]);

    expect(long.text).to.equal('long');
    expect(short.status).to.equal(503);
  });

  it('R61: leave answers alone that have begun, and there are none for 0', async () => {
    await using limited = await HttpFixture.start({ server: { handlerTimeout: 50 } });
    limited.route(limited.plugin('catalog'), 'GET /begun', async ctx => {
      ctx.res.write('begun');
      await pause(200);
      ctx.res.end(', ended');
    });
    await using unlimited = await HttpFixture.start({ server: { handlerTimeout: 0 } });
    unlimited.route(unlimited.plugin('catalog'), 'GET /slow', () => pause(200).then(() => 'slow'));

    expect((await limited.ask('/api/catalog/begun')).text).to.equal('begun, ended');
    expect((await unlimited.ask('/api/catalog/slow')).text).to.equal('slow');
  });

  it('R61: never send two answers, when the handler is done just then', async () => {
    await using http = await HttpFixture.start();
    const router = http.plugin('catalog');
    const around = (_ctx: unknown, next: () => unknown) => next();
    const call = () => pause(5 + Math.random() * 10).then(() => ({ done: true }));
    http.route(router, 'GET /direct', call, { timeout: 10 });
    http.route(router, 'GET /through', call, { timeout: 10, middleware: [around] });
    const statuses = new Map<number, number>();

    for (let round = 0; round < 20; round++) {
      const paths = Array.from({ length: 50 }, (_, n) => `/api/catalog/${n % 2 ? 'direct' : 'through'}`);
      const answers = await Promise.all(paths.map(path => http.ask(path)));
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    await pause(50);

    expect([...statuses.keys()].toSorted((a, b) => a - b)).to.deep.equal([200, 503]);
    expect(http.logger.entries.filter(({ level }) => level !== 'info')).to.deep.equal([]);
  });
});
