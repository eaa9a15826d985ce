import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { connect } from 'node:net';
import { ForbiddenError } from '../../../lib/errors/http-error.js';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture, type Answer } from './http-fixture.js';

const dataPolicy = `default-src 'none'; frame-ancestors 'none'`;
const jsonType = 'application/json; charset=utf-8';

function expectSecured({ headers }: Answer, policy: string | RegExp = dataPolicy): void {
  expect(headers).to.include({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'SAMEORIGIN',
    'x-xss-protection': '0',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-permitted-cross-domain-policies': 'none',
  });
  expect(headers['strict-transport-security']).to.contain('max-age=');
  expect(headers['x-request-id']).to.be.a('string');
  const said = headers['content-security-policy'];
  if (typeof policy === 'string') expect(said).to.equal(policy);
  else expect(said).to.match(policy);
  for (const name of ['x-powered-by', 'server', 'cross-origin-opener-policy', 'origin-agent-cluster']) {
    expect(headers).not.to.have.property(name);
  }
}

/** The same answer by every way there is to give one. */
function addWays(http: HttpFixture, router: PluginHttpRouter, type: string, text: string): void {
  const length = String(Buffer.byteLength(text));
  http.route(router, 'GET /returned', ctx => ((ctx.type = type), text));
  http.route(router, 'GET /body', ctx => {
    ctx.type = type;
    ctx.body = text;
  });
  http.route(router, 'GET /stream', ctx => {
    ctx.type = type;
    ctx.body = Readable.from([Buffer.from(text)]);
  });
  http.route(router, 'GET /end', ({ res }) => {
    res.setHeader('Content-Type', type);
    res.end(text);
  });
  http.route(router, 'GET /write', ({ res }) => {
    res.setHeader('Content-Type', type);
    for (const half of [text.slice(0, text.length / 2), text.slice(text.length / 2)]) res.write(half);
    res.end();
  });
  const add = (path: string, headers: readonly string[] | Record<string, string>) =>
    router.addRoute({
      method: 'GET',
      path,
      allow: 'unauthenticated',
      answer: ({ request: { res } }) => {
        res.writeHead(200, headers as string[]);
        res.end(text);
      },
    });
  add('/array', ['Content-Type', type, 'Content-Length', length]);
  add('/array-without-length', ['content-type', type]);
  add('/object', { 'Content-Type': type, 'Content-Length': length });
}

const ways = ['returned', 'body', 'stream', 'end', 'write', 'array', 'array-without-length', 'object'];

describe('Headers of an answer', () => {
  let http: HttpFixture;
  let router: PluginHttpRouter;

  const start = async (backend = {}) => {
    http = await HttpFixture.start(backend);
    router = http.plugin('catalog');
  };

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  for (const way of ways) {
    it(`S98: secure it, and keep it out of caches (${way})`, async () => {
      await start();
      addWays(http, router, jsonType, '{"a":1}');

      const answer = await http.ask(`/api/catalog/${way}`);

      expectSecured(answer);
      expect(answer.headers['cache-control']).to.equal('no-store');
      expect(answer.text).to.equal('{"a":1}');
    });
  }

  it('S98: are there where nothing else is', async () => {
    await start();
    http.route(router, 'GET /fails', () => {
      throw new ForbiddenError();
    });
    http.route(router, 'GET /nothing', () => undefined);

    for (const path of [
      '/api/catalog/fails',
      '/api/catalog/nothing',
      '/api/nobody',
      '/',
      '/%zz',
      '/.backplane/health/v1/liveness',
    ]) {
      expectSecured(await http.ask(path));
    }
    const raw = await http.raw('this is not HTTP\r\n\r\n');
    expect(raw).to.contain(dataPolicy).and.contain('nosniff').and.contain('no-store');
  });

  it('S98: let pages load what is theirs, and no download', async () => {
    await start();
    http.route(router, 'GET /page', ctx => ((ctx.type = 'html'), '<p>hello'));
    http.route(router, 'GET /download', ctx => {
      ctx.attachment('a"\r\n;../x.html');
      return '<script>';
    });

    expectSecured(await http.ask('/api/catalog/page'), /default-src 'self'.*script-src 'self' 'unsafe-eval'/);
    const download = await http.ask('/api/catalog/download');
    expectSecured(download);
    expect(download.headers['content-disposition']).to.match(/^attachment; filename="[^"\r\n/]*"/);
  });

  it('leave pages outside of the plugins to their caches', async () => {
    await start();
    http.root.use('/ui', ctx => {
      ctx.type = 'html';
      ctx.body = '<p>hello';
    });

    const answer = await http.ask('/ui');

    expectSecured(answer, /default-src 'self'/);
    expect(answer.headers).not.to.have.property('cache-control');
  });

  it('are those of the handler where it says something else, each once', async () => {
    await start();
    const policy = `default-src 'self'`;
    const pairs = ['Content-Security-Policy', policy, 'Cache-Control', 'max-age=60', 'X-Request-Id', 'mine'];
    http.route(router, 'GET /set', ctx => {
      for (let i = 0; i < pairs.length; i += 2) ctx.set(pairs[i]!, pairs[i + 1]!);
      return 'set';
    });
    router.addRoute({
      method: 'GET',
      path: '/array',
      allow: 'unauthenticated',
      answer: ({ request: { res } }) =>
        res.writeHead(200, [...pairs, 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end() as never,
    });

    for (const path of ['set', 'array']) {
      const raw = await http.raw(`GET /api/catalog/${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);

      expect(raw.match(/content-security-policy: .*/gi)).to.deep.equal([`Content-Security-Policy: ${policy}`]);
      expect(raw.match(/cache-control: .*/gi)).to.deep.equal(['Cache-Control: max-age=60']);
      expect(raw.match(/x-request-id: .*/gi)).to.have.lengthOf(1);
      expect(raw).to.contain('nosniff').and.not.contain('mine');
      if (path === 'array') expect(raw.match(/set-cookie: .*/gi)).to.deep.equal(['Set-Cookie: a=1', 'Set-Cookie: b=2']);
    }
  });

  it('are written once where the first attempt to write them fails', async () => {
    await start();
    for (const [path, first] of [
      ['a', ['X', 'a\r\nb']],
      ['b', ['Referrer-Policy', 'a\nb']],
    ] as const) {
      router.addRoute({
        method: 'GET',
        path: `/${path}`,
        allow: 'unauthenticated',
        answer: ({ request: { res } }) => void res.writeHead(200, [...first]),
      });
      const raw = await http.raw(`GET /api/catalog/${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);

      expect(raw).to.match(/^HTTP\/1.1 500 /);
      expect(raw.match(/x-request-id: .*/gi)).to.have.lengthOf(1);
      expect(raw.match(/x-content-type-options: .*/gi)).to.have.lengthOf(1);
    }
  });

  it('are written once where the handler itself tries again, with others', async () => {
    await start();
    router.addRoute({
      method: 'GET',
      path: '/again',
      allow: 'unauthenticated',
      answer: ({ request: { res } }) => {
        try {
          res.writeHead(200, ['X', 'a\r\nb']);
        } catch {
          res.writeHead(200, ['X-Frame-Options', 'DENY']).end();
        }
      },
    });
    const raw = await http.raw('GET /api/catalog/again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');

    expect(raw.match(/x-frame-options: .*/gi)).to.deep.equal(['X-Frame-Options: DENY']);
    expect(raw.match(/x-request-id: .*/gi)).to.have.lengthOf(1);
    expect(raw.match(/referrer-policy: .*/gi)).to.have.lengthOf(1);
  });

  it('are what backend.csp and backend.referrer say', async () => {
    await start({
      csp: { scriptSrc: [`'self'`, 'https://cdn.example.com'], 'upgrade-insecure-requests': false, 'img-src': '*' },
      referrer: { policy: 'same-origin' },
    });
    http.route(router, 'GET /page', ctx => ((ctx.type = 'html'), '<p>hello'));

    const { headers } = await http.ask('/api/catalog/page');

    expect(headers['content-security-policy'])
      .to.contain(`script-src 'self' https://cdn.example.com;`)
      .and.contain('img-src *')
      .and.not.contain('unsafe-eval')
      .and.not.contain('upgrade-insecure-requests');
    expect(headers['referrer-policy']).to.equal('same-origin');
  });
});

describe('Compression', () => {
  const text = JSON.stringify({ text: 'compressible '.repeat(500), end: 'ä' });

  /** The body as bytes, and the headers. */
  async function fetched(http: HttpFixture, path: string, headers: Record<string, string>, method = 'GET') {
    const raw = await new Promise<{ head: string; body: Buffer }>(resolve => {
      const chunks: Buffer[] = [];
      const socket = connect(http.port, '127.0.0.1').on('data', chunk => chunks.push(chunk));
      socket.on('close', () => {
        const all = Buffer.concat(chunks);
        const end = all.indexOf('\r\n\r\n');
        resolve({ head: all.subarray(0, end).toString(), body: all.subarray(end + 4) });
      });
      const lines = Object.entries({ Host: 'a', Connection: 'close', ...headers }).map(pair => pair.join(': '));
      socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
    const chunked = /transfer-encoding: chunked/i.test(raw.head);
    return { head: raw.head.toLowerCase(), body: chunked ? unchunked(raw.body) : raw.body };
  }

  function unchunked(bytes: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const line = bytes.indexOf('\r\n', at);
      const size = parseInt(bytes.subarray(at, line).toString(), 16);
      parts.push(bytes.subarray(line + 2, line + 2 + size));
      at = line + 2 + size + 2;
    }
    return Buffer.concat(parts);
  }

  for (const way of ways) {
    it(`makes a long answer shorter for those who accept that (${way})`, async () => {
      await using http = await HttpFixture.start();
      addWays(http, http.plugin('catalog'), jsonType, text);
      const path = `/api/catalog/${way}`;

      const gzip = await fetched(http, path, { 'Accept-Encoding': 'gzip' });
      const brotli = await fetched(http, path, { 'Accept-Encoding': 'gzip, deflate, br' });
      const plain = await fetched(http, path, {});
      const head = await fetched(http, path, { 'Accept-Encoding': 'gzip' }, 'HEAD');

      expect(gunzipSync(gzip.body).toString()).to.equal(text);
      expect(brotliDecompressSync(brotli.body).toString()).to.equal(text);
      expect(plain.body.toString()).to.equal(text);
      expect(gzip.body.length).to.be.below(500);
      expect(gzip.head).to.contain('content-encoding: gzip').and.not.contain('content-length');
      expect(brotli.head).to.contain('content-encoding: br');
      expect(plain.head).not.to.contain('content-encoding');
      for (const { head: lines } of [gzip, brotli, plain]) {
        expect(lines.match(/vary: .*/g)).to.deep.equal(['vary: accept-encoding']);
        expect(lines).to.contain('nosniff').and.contain('x-request-id');
      }
      expect(head.body.length).to.equal(0);
      expect(head.head).to.match(/^http\/1.1 200/);
      expect(head.head).not.to.contain(`content-length: ${text.length}`);
    });
  }

  const left: [string, Record<string, string>, string, string][] = [
    ['is short', {}, 'a'.repeat(500), 'gzip'],
    ['is compressed already', { 'Content-Encoding': 'gzip' }, text, 'gzip'],
    ['is not to be transformed', { 'Cache-Control': 'private, no-transform' }, text, 'gzip'],
    ['is a picture', { 'Content-Type': 'image/png' }, text, 'gzip'],
    ['is a stream of events', { 'Content-Type': 'text/event-stream' }, text, 'gzip'],
    ['is a part', { 'Content-Range': 'bytes 0-1/2' }, text, 'gzip'],
    ['is asked for as it is', {}, text, 'gzip;q=0, br;q=0'],
    ['is preferred as it is', {}, text, 'identity, gzip;q=0.5'],
    ['may not be anything else', {}, text, 'deflate, zstd'],
  ];
  for (const [what, headers, body, accepted] of left) {
    it(`leaves an answer alone that ${what}`, async () => {
      await using http = await HttpFixture.start();
      http.route(http.plugin('catalog'), 'GET /x', ctx => {
        ctx.set({ 'Content-Type': jsonType, ...headers });
        ctx.res.end(body);
      });

      const answer = await fetched(http, '/api/catalog/x', { 'Accept-Encoding': accepted });

      expect(answer.body.toString()).to.equal(body);
      if (what !== 'is compressed already') expect(answer.head).not.to.contain('content-encoding');
    });
  }

  it('is off where configuration says so', async () => {
    await using http = await HttpFixture.start({ compression: false });
    addWays(http, http.plugin('catalog'), jsonType, text);

    const { head, body } = await fetched(http, '/api/catalog/array', { 'Accept-Encoding': 'gzip' });

    expect(body.toString()).to.equal(text);
    expect(head).not.to.contain('vary');
  });

  it('weakens the tag of what it changes', async () => {
    await using http = await HttpFixture.start();
    http.route(http.plugin('catalog'), 'GET /x', ctx => {
      ctx.set({ ETag: '"abc"', Vary: 'Accept', 'Content-Type': jsonType });
      ctx.res.end(text);
    });

    const { head } = await fetched(http, '/api/catalog/x', { 'Accept-Encoding': 'gzip' });

    expect(head).to.contain('etag: w/"abc"').and.contain('vary: accept, accept-encoding');
  });

  it('sends what is written when it is written', async () => {
    await using http = await HttpFixture.start();
    let go = () => {};
    http.route(http.plugin('catalog'), 'GET /x', async ({ res }) => {
      res.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
      res.write('{"first":1}\n');
      await new Promise<void>(resolve => (go = resolve));
      res.end('{"second":2}\n');
    });
    let received = Buffer.alloc(0);
    const bodyLength = () => received.length - received.indexOf('\r\n\r\n') - 4;
    const socket = connect(http.port, '127.0.0.1').on('data', chunk => (received = Buffer.concat([received, chunk])));
    socket.write('GET /api/catalog/x HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n');
    await pause(100);
    const before = bodyLength();
    go();
    await pause(100);
    socket.destroy();

    // More than the ten bytes that gzip begins with, and the length of the chunk.
    expect(before).to.be.above(20);
    expect(bodyLength()).to.be.above(before);
  });

  it('goes at the pace of its reader, and ends with it', async () => {
    await using http = await HttpFixture.start();
    let produced = 0;
    let closed = false;
    http.route(http.plugin('catalog'), 'GET /x', ctx => {
      ctx.type = 'text/plain';
      ctx.body = Readable.from(
        (async function* () {
          try {
            for (; produced < 4_000; produced++) {
              yield Buffer.from(Array.from({ length: 16_384 }, () => Math.floor(Math.random() * 256)));
              if (produced % 16 === 0) await pause(0);
            }
          } finally {
            closed = true;
          }
        })(),
      );
    });
    const socket = connect(http.port, '127.0.0.1');
    socket.pause();
    socket.write('GET /api/catalog/x HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n');
    await pause(1_500);
    const stuck = produced;
    await pause(300);
    const later = produced;
    socket.destroy();
    await pause(200);

    expect(stuck).to.be.within(1, 3_000);
    expect(later - stuck).to.be.below(50);
    expect(closed).to.equal(true);
    expect(http.logger.messages('error')).to.deep.equal([]);
  });

  for (const [what, part] of [
    ['much of it', 'a'.repeat(65_000)],
    ['little of it', randomBytes(50_000).toString('base64')],
  ] as const) {
    it(`sends all of what is longer than its buffers, of which it saves ${what}`, async () => {
      await using http = await HttpFixture.start();
      http.route(http.plugin('catalog'), 'GET /x', ctx => {
        ctx.type = 'text/plain';
        ctx.body = Readable.from(Array.from({ length: 100 }, () => Buffer.from(part)));
      });

      const { body } = await fetched(http, '/api/catalog/x', { 'Accept-Encoding': 'gzip' });

      expect(gunzipSync(body).toString() === part.repeat(100)).to.equal(true);
    });
  }

  it('has no part in the error that takes the place of an answer', async () => {
    await using http = await HttpFixture.start();
    const headers = { 'Content-Type': jsonType, 'Content-Length': '5000' };
    http.route(http.plugin('catalog'), 'GET /x', ({ res }) => void res.writeHead(1_000, headers));

    const { head, body } = await fetched(http, '/api/catalog/x', { 'Accept-Encoding': 'gzip' });

    expect(head)
      .to.match(/^http\/1.1 500 /)
      .and.not.contain('content-encoding');
    expect(body.toString()).to.contain('"internal_server_error"');
  });

  it('cuts the answer off where the handler fails in the middle', async () => {
    await using http = await HttpFixture.start();
    http.route(http.plugin('catalog'), 'GET /x', ctx => {
      ctx.type = 'text/plain';
      ctx.body = Readable.from(
        (async function* () {
          yield Buffer.alloc(10_000, 'a');
          await pause(20);
          throw new Error('CANARY');
        })(),
      );
    });

    const failure = await http
      .ask('/api/catalog/x', { headers: { 'accept-encoding': 'gzip' } })
      .catch((error: unknown) => error);

    expect(failure).to.be.instanceOf(Error);
    expect(http.logger.messages('error')).to.deep.equal(['A request failed']);
  });
});
