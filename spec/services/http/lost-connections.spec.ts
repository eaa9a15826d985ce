import { expect } from 'chai';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { get } from '../../../lib/contract/operation-drafts.js';
import { raw } from '../../../lib/contract/raw-body.js';
import { pause } from '../../../lib/util/pause.js';
import { until } from '../../faults/harness/until.js';
import { OperationsFixture } from '../../wire/server/operations-fixture.js';

const request = (path: string, ...headers: string[]) =>
  [`GET /api${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
const wish = request('/catalog/fast', 'Connection: Upgrade', 'Upgrade: h2c');
const granted = request('/talk/speak', 'Connection: Upgrade', 'Upgrade: websocket');
const rubbish = 'BAD\r\n\r\n';

/** Megabytes, which no connection takes at once. */
const large = 20_000_000;

describe('A connection that', () => {
  let served: OperationsFixture;
  let streams: number;

  const start = async (server: { readonly maxRequestsPerSocket?: number } = {}) => {
    served = await OperationsFixture.start({ server: { ...server }, lifecycle: { drainTimeout: 1_000 } });
    served.http.plugin('talk').upgrade('/speak', (_req, socket) => void socket.end('good day'), {
      allow: 'unauthenticated',
    });
    served.http.plugin('koa').use(ctx => void (ctx.body = 'koa'), { allow: 'unauthenticated' });
    streams = 0;
    served.serve(get('/fast', { response: z.string() }), () => 'fast');
    served.serve(get('/slow', { response: z.string() }), async () => {
      await pause(100);
      return 'slow';
    });
    served.serve(get('/large', { response: raw('a/b') }), async function* () {
      for (let sent = 0; sent < large; sent += 100_000) yield Buffer.alloc(100_000);
    });
    served.serve(get('/events', { stream: z.string() }), async function* (_input, { signal }) {
      streams++;
      yield 'begun';
      await new Promise(resolve => signal.addEventListener('abort', resolve));
      streams--;
    });
  };

  const send = (bytes: string) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect(served.http.port, '127.0.0.1', () => socket.write(bytes, () => resolve(socket)));
      socket.on('error', reject);
    });

  const stopsInTime = async () => {
    expect((await served.http.ask('/api/catalog/fast')).body).to.equal('fast');
    expect(await served.http.stop()).to.deep.equal([]);
    expect(served.http.logger.messages('error')).to.deep.equal([]);
  };

  afterEach(() => served[Symbol.asyncDispose]());

  it('brings more requests than it may, and then a wish for another protocol, ends nothing', async () => {
    await start({ maxRequestsPerSocket: 1 });
    const socket = await send(request('/catalog/fast'));
    socket.resume();
    await pause(30);

    socket.on('error', () => {}).write(request('/catalog/fast') + granted);
    await pause(50);
    socket.destroy();

    await stopsInTime();
  });

  it('brings rubbish behind a request, and is gone, leaves nothing open', async () => {
    await start();
    for (let n = 0; n < 10; n++) {
      const socket = await send(request('/koa/x') + rubbish);
      await pause(10);
      socket.destroy();
    }
    await pause(50);

    await stopsInTime();
  });

  it('brings rubbish behind a request that is still being answered is told nothing about that one', async () => {
    await start();
    const socket = await send(request('/catalog/slow') + rubbish);
    let text = '';
    socket.on('error', () => {}).on('data', part => (text += String(part)));
    await new Promise(resolve => socket.on('close', resolve));

    expect(text).to.equal('');
    await stopsInTime();
  });

  it('wishes for another protocol behind a long answer gets that, and its own answer', async function () {
    this.timeout(20_000);
    await start();
    const socket = await send(request('/catalog/large') + wish);
    let received = 0;
    let end = '';
    socket.on('data', (part: Buffer) => {
      received += part.length;
      end = part.toString('latin1').slice(-10);
    });

    await until('all of it', () => received > large && end.includes('fast'));
    socket.destroy();

    await stopsInTime();
  });

  it('wishes for another protocol behind a stream of events, and ends, ends that', async () => {
    await start();
    const socket = await send(request('/catalog/events') + wish);
    socket.resume();
    await until('the stream', () => streams === 1);

    socket.end();
    await until('its end', () => streams === 0);

    socket.destroy();
    await stopsInTime();
  });
});
