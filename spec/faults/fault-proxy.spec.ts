import { expect } from 'chai';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { FaultProxy } from './harness/fault-proxy.js';
import { until } from './harness/until.js';
import { pause } from './harness/pause.js';

/** Says everything back. */
async function echo(): Promise<AsyncDisposable & { readonly url: URL }> {
  const server = createServer(socket => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`tcp://127.0.0.1:${port}`),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}

describe('a fault proxy', () => {
  it('passes everything on', async () => {
    await using server = await echo();
    await using proxy = await FaultProxy.before(server.url);

    const socket = await open(proxy.port);

    expect(await echoed(socket, 'hello')).to.equal('hello');
    socket.destroy();
  });

  it('keeps connections open in a black hole, and passes on what was in it once that is over', async () => {
    await using server = await echo();
    await using proxy = await FaultProxy.before(server.url);
    const socket = await open(proxy.port);
    await proxy.set('blackhole');
    let arrived = '';
    socket.on('data', bytes => (arrived += String(bytes)));

    socket.write('a');
    await pause(100);
    socket.write('b');
    const meanwhile = arrived;
    await proxy.set('pass');
    while (arrived.length < 2) await once(socket, 'data');

    expect({ meanwhile, arrived }).to.deep.equal({ meanwhile: '', arrived: 'ab' });
    socket.destroy();
  });

  it('silences the connections that are open, and no others, until it lets them speak', async () => {
    await using server = await echo();
    await using proxy = await FaultProxy.before(server.url);
    const socket = await open(proxy.port);
    let arrived = '';
    socket.on('data', bytes => (arrived += String(bytes)));

    const speak = proxy.silence();
    socket.write('a');
    const other = await open(proxy.port);
    const heard = await echoed(other, 'b');
    const meanwhile = arrived;
    speak();
    await until('it arrives', () => arrived === 'a');

    expect({ heard, meanwhile, arrived }).to.deep.equal({ heard: 'b', meanwhile: '', arrived: 'a' });
    socket.destroy();
    other.destroy();
  });

  it('resets connections, refuses new ones, and comes back at the same port', async () => {
    await using server = await echo();
    await using proxy = await FaultProxy.before(server.url);
    const socket = await open(proxy.port);

    const closed = new Promise(resolve => socket.once('close', resolve));
    await proxy.set('refuse');
    await closed;
    const refused = connect({ host: '127.0.0.1', port: proxy.port });
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    await proxy.set('pass');
    const again = await open(proxy.port);

    expect(error.code).to.equal('ECONNREFUSED');
    expect(await echoed(again, 'back')).to.equal('back');
    again.destroy();
  });

  it('delays', async () => {
    await using server = await echo();
    await using proxy = await FaultProxy.before(server.url);
    await proxy.set({ delay: 100 });
    const socket = await open(proxy.port);
    const before = performance.now();

    await echoed(socket, 'late');

    expect(performance.now() - before).to.be.greaterThan(190);
    socket.destroy();
  });
});
