import { expect } from 'chai';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { pause } from '../../../lib/util/pause.js';
import { get, post } from '../../../lib/contract/operation-drafts.js';
import { OperationsFixture } from '../../wire/server/operations-fixture.js';
import type { HttpFixture } from './http-fixture.js';

const request = (path: string, ...headers: string[]) =>
  [`GET /api/catalog${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');

const wish = (path: string) => request(path, 'Connection: Upgrade', 'Upgrade: h2c');

/** For what a plugin speaks besides HTTP. */
const granted = wish('/speak').replace('/api/catalog', '/api/talk').replace('h2c', 'websocket');

/** A request whose body nobody reads, so that the connection ends with its answer. */
const refused = 'POST /api/catalog/none HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';

/** The same before anybody has looked for who answers it. */
const refusedAtOnce = `${request('/fast', 'Content-Length: 1')}5`;

/** What one sends, and how it then leaves. */
const parts = [
  request('/fast'),
  request('/slow'),
  request('/fast', 'Connection: close'),
  request('/fast', 'Expect: 200-ok'),
  request('/fast', 'Expect: 100-continue'),
  wish('/fast'),
  wish('/slow'),
  granted,
  refused,
  refusedAtOnce,
  'GET / HTTP/1.1\r\n\r\n',
  'nonsense\r\n\r\n',
];
const leavings: readonly ((socket: Socket) => unknown)[] = [
  socket => socket.resetAndDestroy(),
  socket => socket.destroy(),
  socket => socket.end(),
  () => {},
];

/** Numbers that look like chance, and are the same in every run. */
function chances(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

describe('Connections on which requests follow each other', () => {
  const start = async () => {
    const operations = await OperationsFixture.start({ lifecycle: { drainTimeout: 1_000 } });
    operations.serve(post('/none', { response: z.unknown() }), () => ({}));
    operations.serve(get('/fast', { response: z.string() }), () => 'fast');
    operations.serve(get('/slow', { response: z.string() }), async () => {
      await pause(30);
      return 'slow';
    });
    operations.http.plugin('talk').upgrade('/speak', (_req, socket) => void socket.end('good day'), {
      allow: 'unauthenticated',
    });
    return operations.http;
  };
  const send = (http: HttpFixture, bytes: string, leave: (socket: Socket) => unknown, after: number) =>
    new Promise<void>(resolve => {
      const socket = connect(http.port, '127.0.0.1', () => {
        socket.write(bytes);
        setTimeout(() => {
          leave(socket);
          setTimeout(() => socket.destroy(), 60);
        }, after);
      });
      socket.on('error', () => {}).on('close', () => resolve());
      socket.resume();
    });

  for (const [what, bytes] of [
    ['behind one that ends it', refused + request('/fast').repeat(100)],
    [
      'behind one that is given up',
      request('/slow', 'X-Backplane-Timeout: 5') + wish('/slow') + request('/fast').repeat(100),
    ],
    ['where another protocol is spoken behind one that ends it', refusedAtOnce + request('/fast') + granted],
    ['with expectations that cannot be met', request('/slow') + request('/fast', 'Expect: 200-ok')],
    ['with a wish for another protocol behind an open one', request('/slow') + wish('/fast')],
  ] as const) {
    for (const [how, leave] of [
      ['stays', () => {}],
      ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ] as const) {
      it(`leave nothing open ${what} where the client ${how}`, async () => {
        await using http = await start();

        await Promise.all(Array.from({ length: 20 }, () => send(http, bytes, leave, 10)));
        await pause(50);

        expect((await http.ask('/api/catalog/fast')).body).to.equal('fast');
        expect(await http.stop()).to.deep.equal([]);
      });
    }
  }

  it('leave nothing open, and end nothing, in whatever order and however they break', async () => {
    await using http = await start();
    const chance = chances(1);
    for (let round = 0; round < 40; round++) {
      const sent = Array.from({ length: 8 }, () => {
        const bytes = Array.from({ length: 1 + chance(6) }, () => parts[chance(parts.length)]!).join('');
        // Some are cut off in the middle.
        const length = chance(4) === 0 ? chance(bytes.length) : bytes.length;
        return send(http, bytes.slice(0, length), leavings[chance(leavings.length)]!, chance(50));
      });
      await Promise.all(sent);
    }
    await pause(100);

    expect((await http.ask('/api/catalog/fast')).body).to.equal('fast');
    expect(await http.stop()).to.deep.equal([]);
    expect(http.logger.messages('error')).to.deep.equal([]);
  });
});
