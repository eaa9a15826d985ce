import { expect } from 'chai';
import { WebSocketServer } from 'ws';
import { AttackedServer } from './attacked-server.js';

const host = 'Host: 127.0.0.1\r\n';
const wish = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const handshake = `${wish}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
const smuggled = `GET /api/foo/x HTTP/1.1\r\n${host}\r\n`;

describe('S32 Requests for another protocol', () => {
  let server: AttackedServer;
  let opened: number;

  beforeEach(async () => {
    server = await AttackedServer.start();
    opened = 0;
    const sockets = new WebSocketServer({ noServer: true });
    const plugin = server.http.plugin('ws');
    plugin.upgrade(
      '/echo',
      (req, socket, head) => {
        opened++;
        sockets.handleUpgrade(req, socket, head, ws => {
          // What is no frame is said here.
          ws.on('error', () => {});
        });
      },
      { allow: 'unauthenticated' },
    );
  });

  afterEach(() => server[Symbol.asyncDispose]());

  const statusesOf = async (bytes: string): Promise<number[]> => {
    const { answers } = await server.attack(bytes, { silence: 300 });
    return answers.map(({ status }) => status);
  };

  for (const [what, framing, body] of [
    ['a length', `Content-Length: ${smuggled.length}\r\n`, smuggled],
    ['chunks', 'Transfer-Encoding: chunked\r\n', `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`],
  ] as const) {
    it(`with a body of ${what} are none, and what is in it is no request`, async () => {
      const statuses = await statusesOf(`GET /api/ws/echo HTTP/1.1\r\n${host}${handshake}${framing}\r\n${body}`);

      expect(statuses).to.have.length(1);
      expect(statuses[0]).to.be.within(400, 499);
      expect([opened, server.ran]).to.deep.equal([0, []]);
    });

    it(`with a body of ${what} to a route keep it: what follows is the next request`, async () => {
      const post = `POST /api/foo/read HTTP/1.1\r\n${host}${wish}${framing}\r\n${body}`;

      const { answers } = await server.attack(`${post}GET /api/foo/none/at/all HTTP/1.1\r\n${host}\r\n`, {
        silence: 300,
      });

      expect(answers.map(({ status }) => status)).to.deep.equal([200, 404]);
      expect(JSON.parse(answers[0]!.body)).to.deep.equal({ length: smuggled.length });
      expect(server.ran).to.deep.equal(['read']);
    });
  }

  it('with a length and chunks are refused', async () => {
    const both = `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`;

    expect(await statusesOf(`GET /api/ws/echo HTTP/1.1\r\n${host}${handshake}${both}\r\n0\r\n\r\n`)).to.deep.equal([
      400,
    ]);
    expect([opened, server.ran]).to.deep.equal([0, []]);
  });

  it('with a request right behind them hand it to the handler, or end the connection, and never answer it', async () => {
    const granted = await server.attack(`GET /api/ws/echo HTTP/1.1\r\n${host}${handshake}\r\n${smuggled}`, {
      silence: 300,
    });
    const refused = await server.attack(
      `GET /api/ws/echo HTTP/1.1\r\n${host}${handshake}Origin: https://evil.example\r\n\r\n${smuggled}`,
      { silence: 300 },
    );

    expect(granted.text.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 101']);
    expect(refused.answers.map(({ status }) => status)).to.deep.equal([403]);
    expect(refused.ended).to.equal(true);
    expect(server.ran).to.deep.equal([]);
  });

  for (const [what, method] of [
    ['HEAD', 'HEAD'],
    ['POST', 'POST'],
    ['OPTIONS', 'OPTIONS'],
  ] as const) {
    it(`by ${what} are none`, async () => {
      const [status] = await statusesOf(`${method} /api/ws/echo HTTP/1.1\r\n${host}${handshake}\r\n`);

      expect(status).not.to.equal(101);
      expect(opened).to.equal(0);
    });
  }

  it('in HTTP/1.0 are none', async () => {
    const [status] = await statusesOf(`GET /api/ws/echo HTTP/1.0\r\n${host}${handshake}\r\n`);

    expect(status).not.to.equal(101);
    expect(opened).to.equal(0);
  });

  for (const origin of [
    'null',
    'https://evil.example',
    'http://127.0.0.1.evil.example',
    'http://127.0.0.1@evil.example',
    'http://evil.example/127.0.0.1',
    'file://127.0.0.1',
    'http://127.0.0.1:1',
    'http://127.0.0.1, http://evil.example',
    'http://evil.example\r\nOrigin: http://127.0.0.1',
    'http://127.0.0.1\r\nOrigin: http://evil.example',
  ]) {
    it(`from a page at ${JSON.stringify(origin)} are refused`, async () => {
      const statuses = await statusesOf(`GET /api/ws/echo HTTP/1.1\r\n${host}${handshake}Origin: ${origin}\r\n\r\n`);

      expect(statuses).to.have.length(1);
      expect(statuses[0]).to.be.oneOf([400, 403]);
      expect(opened).to.equal(0);
    });
  }

  for (const path of [
    '/api/ws/echo/',
    '/api/ws//echo',
    '/api/ws/./echo',
    '/api/WS/echo',
    '/api/ws/%65cho',
    '/api/ws/x',
  ]) {
    it(`at ${path} are for nobody`, async () => {
      const [status] = await statusesOf(`GET ${path} HTTP/1.1\r\n${host}${handshake}\r\n`);

      expect(status).to.be.oneOf([400, 404]);
      expect(opened).to.equal(0);
    });
  }

  it('that trickle in are given up', async () => {
    const { text, ended } = await server.attack(
      [`GET /api/ws/echo HTTP/1.1\r\n`, host, 'Connection: Upgrade\r\n', 'Upgrade: webs'],
      { silence: 4_000 },
    );

    expect(text).to.match(/^HTTP\/1\.1 408 /);
    expect([ended, opened]).to.deep.equal([true, 0]);
  });

  it('that the handler does not understand leave nothing open', async () => {
    const { text, ended } = await server.attack(
      `GET /api/ws/echo HTTP/1.1\r\n${host}${wish}Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x\r\n\r\n`,
      { silence: 300 },
    );

    expect(text).to.match(/^HTTP\/1\.1 4\d\d /);
    expect(ended).to.equal(true);
  });
});
