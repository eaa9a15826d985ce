import { expect } from 'chai';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { until } from '../../faults/harness/until.js';
import { HttpFixture } from './http-fixture.js';

const anybody = { allow: 'unauthenticated' } as const;
const large = 32 * 1024 * 1024;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** A server with answers of every kind, and readers of them that begin to read and then stop. */
class ReadServer implements AsyncDisposable {
  readonly http: HttpFixture;
  readonly #sockets: Socket[] = [];
  /** How many answers were begun, and how many of them flow. */
  begun = 0;
  flowing = 0;

  private constructor(http: HttpFixture) {
    this.http = http;
    const plugin = http.plugin('a');
    http.route(plugin, 'GET /endless', () => this.#flow(Infinity));
    http.route(plugin, 'GET /whole/:n', () => {
      this.begun++;
      return 'a'.repeat(large);
    });
    http.route(plugin, 'GET /quiet', ctx => {
      ctx.type = 'text/event-stream';
      return this.#flow(1);
    });
    http.route(plugin, 'GET /numbered/:n', ({ params }) => {
      this.begun++;
      return `${params['n']}:${'a'.repeat(1_000_000)}`;
    });
  }

  static async start(server: JsonObject, others: JsonObject = {}): Promise<ReadServer> {
    return new this(await HttpFixture.start({ server, ...others }));
  }

  async *#flow(parts: number): AsyncGenerator<Buffer> {
    this.flowing++;
    this.begun++;
    try {
      for (let n = 0; n < parts; n++) yield await Promise.resolve(Buffer.alloc(65_536, 'a'));
      await new Promise(() => {});
    } finally {
      this.flowing--;
    }
  }

  /** A connection from which nothing is read before somebody does. */
  stalled(bytes: string, isTls = false): Socket {
    const port = this.http.port;
    const socket = isTls ? connectTls({ port, rejectUnauthorized: false }) : connect(port, '127.0.0.1');
    this.#sockets.push(socket.on('error', () => {}));
    socket.pause();
    socket.write(bytes);
    return socket;
  }

  /** What the log says of answers that were cut off, and why they were. */
  get cutOff(): { readonly url: unknown; readonly reason: unknown }[] {
    const aborted = this.http.logger.entries.filter(({ meta }) => meta['aborted']);
    return aborted.map(({ meta: { url, reason } }) => ({ url, reason }));
  }

  get reasons(): unknown[] {
    return this.cutOff.map(({ reason }) => reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.http[Symbol.asyncDispose]();
  }
}

describe('The reader of an answer', () => {
  for (const [what, path] of [
    ['flows', '/api/a/endless'],
    ['was written in one piece', '/api/a/whole/0'],
  ] as const) {
    for (const isTls of [false, true]) {
      it(`is cut off where it stands still, and the answer ${what}${isTls ? ', over TLS' : ''}`, async () => {
        await using server = await ReadServer.start({ sendTimeout: 300 }, isTls ? { https: true } : {});

        server.stalled(get(path), isTls);
        await until('the answer has begun', () => server.begun === 1);
        await until('the reader is cut off', () => server.reasons.length > 0);

        expect(server.reasons).to.deep.equal(['slow_reader']);
        await until('nothing is written', () => server.flowing === 0);
      });
    }
  }

  it('may take its time as long as it reads on', async () => {
    await using plain = await ReadServer.start({ sendTimeout: 2_000 });
    await using secure = await ReadServer.start({ sendTimeout: 2_000 }, { https: true });
    const sockets = ['/api/a/endless', '/api/a/whole/0'].flatMap(path => [
      plain.stalled(get(path)),
      secure.stalled(get(path), true),
    ]);
    const begun = performance.now();

    // With a pause after each part it is far behind the server all the time.
    for (const socket of sockets) {
      socket.on('data', () => {
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      });
      socket.resume();
    }
    await until('twice as long has passed', () => performance.now() - begun > 4_000);

    expect([...plain.reasons, ...secure.reasons]).to.deep.equal([]);
    expect([plain.flowing, secure.flowing]).to.deep.equal([1, 1]);
  });

  it('may wait for as long as there is nothing to read', async () => {
    await using server = await ReadServer.start({ sendTimeout: 100 });
    const socket = server.stalled(get('/api/a/quiet'));
    let read = 0;
    socket.on('data', (chunk: Buffer) => (read += chunk.length)).resume();
    await until('the first part is there', () => read > 65_536);

    await new Promise(resolve => setTimeout(resolve, 600));

    expect([server.flowing, server.reasons]).to.deep.equal([1, []]);
  });

  it('is cut off where it stands still on an upgraded connection', async () => {
    await using server = await ReadServer.start({ sendTimeout: 300 });
    const speakers = new WebSocketServer({ noServer: true });
    const codes: number[] = [];
    server.http.plugin('b').upgrade(
      '/feed',
      (req, socket, head) =>
        speakers.handleUpgrade(req, socket, head, ws => {
          ws.on('close', code => codes.push(code));
          ws.send('a'.repeat(large));
        }),
      anybody,
    );

    const ws = new WebSocket(`ws://127.0.0.1:${server.http.port}/api/b/feed`).on('error', () => {});
    ws.on('upgrade', ({ socket }) => socket.pause());
    ws.on('open', () => ws.pause());
    await until('the connection is ended', () => codes.length > 0);
    ws.terminate();

    expect(codes).to.deep.equal([1006]);
  });

  it('is cut off before its time where all of them leave too much, beginning with who stands still longest', async () => {
    await using server = await ReadServer.start({ maxUnreadSize: 1.5 * large });
    for (let n = 0; n < 2; n++) {
      server.stalled(get(`/api/a/whole/${n}`));
      await until('the answer has begun', () => server.begun === n + 1);
      // So that the second stands still for a shorter time.
      await new Promise(resolve => setTimeout(resolve, 1_100));
    }

    await until('one is cut off', () => server.cutOff.length > 0);

    expect(server.cutOff.map(({ url }) => url)).to.deep.equal(['/api/a/whole/0']);
  });

  it('costs little memory, and a hundred of them no more than that', async () => {
    await using server = await ReadServer.start({ sendTimeout: 1_000 });
    server.stalled(get('/api/a/endless'));
    await until('the first answer flows', () => server.begun === 1);
    const before = process.memoryUsage();

    for (let n = 1; n < 100; n++) server.stalled(get('/api/a/endless'));
    await until('all answers flow', () => server.begun === 100);

    const { external, heapUsed } = process.memoryUsage();
    expect(external + heapUsed - before.external - before.heapUsed).to.be.below(100 * 400_000);
    await until('all are cut off', () => server.reasons.length === 100);
    expect(server.flowing).to.equal(0);
  });

  it('gets the answers to what it has asked at once one after the other, each made when the one before is read', async () => {
    await using server = await ReadServer.start({});
    const count = 100;
    const socket = server.stalled(Array.from({ length: count }, (_, n) => get(`/api/a/numbered/${n}`)).join(''));
    await until('the first answer has begun', () => server.begun > 0);
    await new Promise(resolve => setTimeout(resolve, 300));
    const ahead = server.begun;

    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part.replaceAll('a'.repeat(1_000), '')));
    socket.resume();
    await until('all have been read', () => server.begun === count && text.includes(`\r\n\r\n${count - 1}:`));

    expect(ahead).to.be.below(40);
    const order = [...text.matchAll(/\r\n\r\n(\d+):/g)].map(([, n]) => Number(n));
    expect(order).to.deep.equal(Array.from({ length: count }, (_, n) => n));
  });

  it('is hung up on where it asks for more at once than anybody reads', async () => {
    await using server = await ReadServer.start({});

    const socket = server.stalled(get('/api/a/endless').repeat(10_000));

    await new Promise(resolve => socket.on('close', resolve).resume());
    expect(server.begun).to.equal(1);
    await until('nothing is written', () => server.flowing === 0);
  });
});
