import { expect } from 'chai';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { JsonObject } from '../../../lib/api/config-service.js';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture } from './http-fixture.js';

const megabyte = 1024 * 1024;

/** Reads a response at so many bytes per second, and tells how it ended. */
function readSlowly(
  port: number,
  path: string,
  rate: number,
): Promise<{ received: number; announced: number; error?: string }> {
  return new Promise(resolve => {
    let announced = 0;
    let received = 0;
    const fail = ({ code = '' }: NodeJS.ErrnoException) => resolve({ received, announced, error: code });
    const outgoing = request({ port, host: '127.0.0.1', path, agent: false }, incoming => {
      announced = Number(incoming.headers['content-length']);
      incoming.on('data', (chunk: Buffer) => {
        received += chunk.length;
        incoming.pause();
        setTimeout(() => incoming.resume(), (chunk.length / rate) * 1_000);
      });
      incoming.on('end', () => resolve({ received, announced }));
      incoming.on('error', fail);
    });
    outgoing.on('error', fail);
    outgoing.end();
  });
}

function open(port: number, path: string, agent?: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent: agent ?? false }, resolve)
      .on('error', reject)
      .end();
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  incoming.setEncoding('utf8');
  try {
    for await (const chunk of incoming) text += chunk as string;
    return text;
  } catch (error) {
    return `${text}!${(error as NodeJS.ErrnoException).code}`;
  }
}

/** Connects so often from a thread of its own and asks; `sent` is told when all have asked, `ends` what became of them. */
function askFromElsewhere(port: number, path: string, connections: number) {
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const source = `
    const { connect } = require('node:net');
    const { parentPort, workerData: { port, path, connections, sent } } = require('node:worker_threads');
    const ask = () => new Promise(resolve => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('GET ' + path + ' HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n', () => {
          if (Atomics.add(sent, 0, 1) + 1 === connections) Atomics.notify(sent, 0);
        });
      });
      socket.setEncoding('latin1').on('data', chunk => (text += chunk));
      socket.on('error', error => resolve(error.code)).on('end', () => resolve(text));
    });
    Promise.all(Array.from({ length: connections }, ask)).then(ends => parentPort.postMessage(ends));
  `;
  const worker = new Worker(source, { eval: true, workerData: { port, path, connections, sent } });
  const ends = new Promise<string[]>((resolve, reject) => worker.on('message', resolve).on('error', reject));
  return { sent, ends };
}

const isRefused = (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() && false));
    socket.on('error', () => resolve(true));
  });

describe('The stop of the HTTP server', () => {
  let http: HttpFixture;
  let router: PluginHttpRouter;

  const begin = async (lifecycle: JsonObject = {}, mode: 'test' | 'production' = 'test') => {
    http = await HttpFixture.start({ lifecycle }, mode);
    router = http.plugin('catalog');
    http.route(router, 'GET /fast', () => 'fast');
    http.route(router, 'GET /slow', async () => {
      await pause(300);
      return 'slow';
    });
    http.route(router, 'GET /never', () => new Promise(() => {}));
    http.route(router, 'GET /events', ctx => {
      ctx.type = 'text/event-stream';
      const stream = new PassThrough();
      stream.write('data: 1\n\n');
      return stream;
    });
  };

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  it('waits for what is being answered, and then accepts nothing', async () => {
    await begin();
    const { port } = http;
    const answer = http.ask('/api/catalog/slow');
    await pause(50);

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    const { text, headers } = await answer;
    expect(text).to.equal('slow');
    expect(headers.connection).to.equal('close');
    expect(await isRefused(port)).to.equal(true);
  });

  it('takes no time where nothing is being answered, whatever connections there are', async () => {
    await begin();
    const agent = new Agent({ keepAlive: true });
    await textOf(await open(http.port, '/api/catalog/fast', agent));
    const started = performance.now();

    await http.stop();

    expect(performance.now() - started).to.be.below(200);
    agent.destroy();
  });

  it('goes on accepting for the delay, and says on each answer that the connection ends', async () => {
    await begin({ serverShutdownDelay: 300 });
    const agent = new Agent({ keepAlive: true });
    const before = await open(http.port, '/api/catalog/fast', agent);
    await textOf(before);

    const stopped = http.stop();
    await pause(50);
    const kept = await open(http.port, '/api/catalog/fast', agent);
    const fresh = await http.ask('/api/catalog/fast');
    const ready = await http.ask('/.backplane/health/v1/readiness');
    const alive = await http.ask('/.backplane/health/v1/liveness');

    expect(before.headers.connection).to.equal('keep-alive');
    expect(kept.headers.connection).to.equal('close');
    expect(await textOf(kept)).to.equal('fast');
    expect([fresh.status, ready.status, alive.status]).to.deep.equal([200, 503, 200]);
    expect(await stopped).to.deep.equal([]);
  });

  it('has a delay of 5 s in production, and none when it is urgent', async () => {
    await begin({}, 'production');
    const started = performance.now();
    const patient = http.stop();
    const stillAccepts = await pause(200).then(() => http.ask('/api/catalog/fast'));
    await http[Symbol.asyncDispose]();
    await patient;
    const hurried = performance.now() - started;

    await begin({}, 'production');
    const again = performance.now();
    await http.stop(true);

    expect(stillAccepts.status).to.equal(200);
    expect(hurried).to.be.below(3_000);
    expect(performance.now() - again).to.be.below(1_500);
  });

  it('R34: lets a slow download of 20 MB arrive whole', async () => {
    await begin();
    http.route(router, 'GET /download', () => Buffer.alloc(20 * megabyte));
    const download = readSlowly(http.port, '/api/catalog/download', 20 * megabyte);
    await pause(200);

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect(await download).to.deep.equal({ received: 20 * megabyte, announced: 20 * megabyte });
  });

  it('R34: resets a download at the deadline, so that its reader knows, and names the plugin', async () => {
    await begin({ drainTimeout: 300 });
    http.route(router, 'GET /download', () => Buffer.alloc(20 * megabyte));
    const download = readSlowly(http.port, '/api/catalog/download', 2 * megabyte);
    const never = http.ask('/api/catalog/never').catch((error: NodeJS.ErrnoException) => error.code);
    await pause(200);

    const started = performance.now();
    const problems = await http.stop();

    expect(performance.now() - started).to.be.within(290, 1_500);
    expect(problems.map(problem => problem.code)).to.deep.equal(['DRAIN_TIMEOUT']);
    expect(problems[0]!.message).to.contain('2 requests');
    expect(problems[0]!.path.join()).to.contain(`2 of plugin 'catalog'`);
    expect((await download).error).to.equal('ECONNRESET');
    expect(await never).to.equal('ECONNRESET');
  });

  it('R35: tells readers of event streams to come back, and ends the streams', async () => {
    await begin();
    const streams = await Promise.all([1, 2, 3].map(() => open(http.port, '/api/catalog/events')));
    const texts = Promise.all(streams.map(textOf));
    await pause(50);
    const started = performance.now();

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect(performance.now() - started).to.be.below(2_000);
    for (const text of await texts) expect(text).to.equal('data: 1\n\nretry: 1000\n');
  });

  it('R35: ends event streams that begin after it', async () => {
    await begin();
    http.route(router, 'GET /late', async ctx => {
      await pause(300);
      ctx.type = 'text/event-stream';
      const stream = new PassThrough();
      stream.write('data: late\n\n');
      return stream;
    });
    const stream = open(http.port, '/api/catalog/late').then(textOf);
    await pause(50);
    const started = performance.now();

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect(performance.now() - started).to.be.below(2_000);
    expect(await stream).to.equal('data: late\n\nretry: 1000\n');
  });

  it('has its address until everybody is answered', async () => {
    await begin();
    http.route(router, 'GET /address', async () => {
      await pause(200);
      return http.root.url;
    });
    const { url } = http.root;
    const answer = http.ask('/api/catalog/address');
    await pause(50);

    await http.stop();

    expect((await answer).text).to.equal(url);
    expect(http.root.url).to.equal(undefined);
  });

  it('loses nobody who is let in while it is busy', async () => {
    await begin();
    http.route(router, 'GET /busy', () => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      return 'busy';
    });
    const source = `
      const { request } = require('node:http');
      const { parentPort, workerData: port } = require('node:worker_threads');
      const ends = {};
      const ask = () => new Promise(resolve => {
        const options = { port, host: '127.0.0.1', path: '/api/catalog/busy', agent: false };
        request(options, incoming => incoming.resume().on('end', () => resolve('answered')))
          .on('error', error => resolve(error.code)).end();
      });
      const go = async () => {
        for (let end; end !== 'ECONNREFUSED';) ends[end = await ask()] = true;
      };
      Promise.all(Array.from({ length: 16 }, go)).then(() => parentPort.postMessage(Object.keys(ends)));
    `;
    const worker = new Worker(source, { eval: true, workerData: http.port });
    const ends = new Promise<string[]>((resolve, reject) => worker.on('message', resolve).on('error', reject));
    await pause(300);

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect(await ends).to.have.members(['answered', 'ECONNREFUSED']);
  });

  it('R35: ends event streams at its beginning, not after the delay', async () => {
    await begin({ serverShutdownDelay: 1_000 });
    const stream = textOf(await open(http.port, '/api/catalog/events'));
    const started = performance.now();

    const stopped = http.stop();
    const text = await stream;
    const ended = performance.now() - started;
    await stopped;

    expect(text).to.contain('retry: 2000\n');
    expect(ended).to.be.below(500);
  });

  it('writes nothing of its own into an event stream that is encoded', async () => {
    await begin();
    http.route(router, 'GET /encoded', ctx => {
      ctx.set('Content-Encoding', 'x-any');
      ctx.type = 'text/event-stream';
      const stream = new PassThrough();
      stream.write('encoded');
      return stream;
    });
    const stream = textOf(await open(http.port, '/api/catalog/encoded'));

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect(await stream).to.equal('encoded');
  });

  it('counts each request once, whatever is said about its end', async () => {
    await begin();
    http.route(router, 'GET /loud', async ctx => {
      ctx.res.emit('close');
      ctx.res.emit('close');
      await pause(50);
    });
    const slow = http.ask('/api/catalog/slow');
    await pause(20);
    await http.ask('/api/catalog/loud');

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect((await slow).text).to.equal('slow');
  });

  it('lets a handler that listens to ctx.closing say good-bye itself', async () => {
    await begin();
    http.route(router, 'GET /polite', ctx => {
      ctx.type = 'text/event-stream';
      const stream = new PassThrough();
      stream.write('data: hello\n\n');
      ctx.closing.addEventListener('abort', () => void pause(100).then(() => stream.end('data: good-bye\n\n')));
      return stream;
    });
    const stream = textOf(await open(http.port, '/api/catalog/polite'));

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect(await stream).to.equal('data: hello\n\ndata: good-bye\n\n');
  });

  it('aborts ctx.closing of requests that come during the delay, but not ctx.signal', async () => {
    await begin({ serverShutdownDelay: 200 });
    http.route(router, 'GET /signals', ctx => ({ closing: ctx.closing.aborted, signal: ctx.signal.aborted }));

    const before = await http.ask('/api/catalog/signals');
    const stopped = http.stop();
    const after = await http.ask('/api/catalog/signals');
    await stopped;

    expect(before.body).to.deep.equal({ closing: false, signal: false });
    expect(after.body).to.deep.equal({ closing: true, signal: false });
  });

  it('does not wait for long for a connection that sends nothing', async () => {
    await begin();
    const silent = connect(http.port, '127.0.0.1').on('error', () => {});
    await pause(50);
    const started = performance.now();

    const problems = await http.stop();

    expect(problems).to.deep.equal([]);
    expect(performance.now() - started).to.be.below(1_500);
    silent.destroy();
  });

  it('still answers the request that was being sent when it began', async () => {
    await begin();
    const socket = connect(http.port, '127.0.0.1');
    let text = '';
    socket.on('data', chunk => (text += chunk.toString()));
    const ended = new Promise(resolve => socket.on('close', resolve));
    socket.write('GET /api/catalog/slow HTTP/1.1\r\n');
    await pause(50);

    const stopped = http.stop();
    await pause(100);
    socket.write('Host: x\r\n\r\n');
    const problems = await stopped;
    await ended;

    expect(problems).to.deep.equal([]);
    expect(text)
      .to.match(/^HTTP\/1\.1 200 /)
      .and.match(/slow$/);
  });

  it('loses no request of busy callers', async () => {
    await begin({ serverShutdownDelay: 500 });
    const counts = { answered: 0, refused: 0, broken: 0 };
    let stopping = true;
    const callers = Array.from({ length: 8 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      // oxlint-disable-next-line no-unmodified-loop-condition -- a timer ends it.
      while (stopping) {
        try {
          const text = await textOf(await open(http.port, '/api/catalog/fast', agent));
          counts[text === 'fast' ? 'answered' : 'broken']++;
        } catch (error) {
          counts[(error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'broken']++;
        }
        await pause(2);
      }
      agent.destroy();
    });
    while (counts.answered < 100) await pause(10);

    // As a balancer does: it takes the backend out, and callers end, before the delay is over.
    const before = counts.answered;
    const stopped = http.stop();
    setTimeout(() => (stopping = false), 300);
    await Promise.all(callers);
    await stopped;

    expect(counts).to.deep.include({ refused: 0, broken: 0 });
    expect(counts.answered).to.be.above(before);
  });

  it('answers who has asked before it began, also where nobody has taken the connection yet', async () => {
    await begin();
    const connections = 100;
    const { sent, ends } = askFromElsewhere(http.port, '/api/catalog/fast', connections);
    while (Atomics.load(sent, 0) < connections) Atomics.wait(sent, 0, Atomics.load(sent, 0), 10);

    await http.stop();

    const answers = (await ends).map(text => /^HTTP\/1.1 (\d+).*?\r\nConnection: (\w+)/is.exec(text)?.slice(1) ?? text);
    expect(answers).to.deep.equal(Array.from({ length: connections }, () => ['200', 'close']));
  });

  it('leaves no timer behind that would keep the process', async () => {
    await begin();
    const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
    const before = timers();

    await http.stop();

    expect(timers()).to.be.at.most(before);
  });

  it('happens once, however often it is asked for', async () => {
    await begin();
    await http.stop();

    expect(await http.stop()).to.deep.equal([]);
    await http[Symbol.asyncDispose]();
    await http[Symbol.asyncDispose]();
  });

  it('waits without a server for requests that came another way', async () => {
    http = await HttpFixture.start({ listen: false });
    router = http.plugin('catalog');
    let ended = false;
    http.route(router, 'GET /slow', async () => {
      await pause(100);
      ended = true;
    });
    const { inject } = await import('light-my-request');
    const answer = inject(http.root.handler, { url: '/api/catalog/slow' });

    await http.stop();

    expect(ended).to.equal(true);
    expect((await answer).statusCode).to.equal(204);
  });
});
