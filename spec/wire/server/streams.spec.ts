import { expect } from 'chai';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { get } from '../../../lib/contract/operation-drafts.js';
import { raw } from '../../../lib/contract/raw-body.js';
import { ForbiddenError } from '../../../lib/errors/http-error.js';
import { pause } from '../../../lib/util/pause.js';
import { OperationsFixture } from './operations-fixture.js';

const Tick = z.object({ n: z.int() });

/** Opens a response and reads no more than is asked for. */
async function open(port: number, path: string): Promise<{ text: () => string; leave: () => void; stall: () => void }> {
  let text = '';
  const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
  socket.on('data', chunk => (text += chunk.toString()));
  socket.on('error', () => {});
  await pause(50);
  return { text: () => text, leave: () => socket.destroy(), stall: () => socket.pause() };
}

/** As ES2024 has it, which this compiles for less than. */
type ResizableBuffer = new (length: number, options: object) => ArrayBuffer & { resize(length: number): void };

describe('What is answered bit by bit', () => {
  it('are events, each with what it declares and nothing else', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/ticks', { stream: Tick }), async function* () {
      yield { n: 1, secret: 'a' };
      await pause(5);
      yield { n: 2 };
    });

    const { status, headers, text } = await served.ask('GET /ticks');

    expect(status).to.equal(200);
    expect(headers).to.include({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    expect(text).to.equal('data: {"n":1}\n\ndata: {"n":2}\n\n');
  });

  it('is answered with an error while nothing has been sent, and with an event of it afterwards', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/early', { stream: Tick }), async function* () {
      await pause(5);
      if (served) throw new ForbiddenError();
      yield { n: 1 };
    });
    served.serve(get('/late', { stream: Tick }), async function* () {
      yield { n: 1 };
      throw new RangeError('s3cret');
    });
    served.serve(get('/wrong', { stream: Tick }), async function* () {
      yield { n: 1 };
      yield { n: 'one' };
    });

    const [early, late, wrong] = [
      await served.ask('GET /early'),
      await served.ask('GET /late'),
      await served.ask('GET /wrong'),
    ];

    expect(early.status).to.equal(403);
    for (const { text } of [late, wrong]) {
      expect(text)
        .to.match(
          /^data: \{"n":1\}\n\nevent: error\ndata: \{"error":\{"code":"internal_server_error",.*"requestId":"[^"]+"\}\n\n$/,
        )
        .and.not.contain('s3cret');
    }
    expect(served.http.logger.entries.filter(({ level }) => level === 'error')).to.have.lengthOf(2);
  });

  it('has its headers sent although no event comes', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/silent', { stream: Tick }), async function* (_input, { signal }) {
      await new Promise(resolve => signal.addEventListener('abort', resolve));
      yield { n: 1 };
    });
    const opened = await open(served.http.port, '/api/catalog/silent');
    expect(opened.text()).to.equal('');

    await pause(300);

    expect(opened.text()).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    opened.leave();
  });

  it('ends its source when the reader goes, whatever that waits for', async () => {
    await using served = await OperationsFixture.start();
    let [finished, aborted, given] = [false, false, 0];
    served.serve(get('/busy', { stream: Tick }), async function* (_input, { signal }) {
      signal.addEventListener('abort', () => (aborted = true));
      try {
        for (;;) {
          await pause(5);
          yield { n: ++given };
        }
      } finally {
        finished = true;
      }
    });
    served.serve(get('/deaf', { stream: Tick }), async function* () {
      yield { n: 1 };
      await new Promise(() => {});
    });
    const [busy, deaf] = [
      await open(served.http.port, '/api/catalog/busy'),
      await open(served.http.port, '/api/catalog/deaf'),
    ];

    busy.leave();
    deaf.leave();
    await pause(50);

    expect([finished, aborted]).to.deep.equal([true, true]);
    expect(given).to.be.within(1, 40);
    expect(served.http.logger.entries.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('ends a stream of Node when the reader goes, though nothing more comes of it', async () => {
    await using served = await OperationsFixture.start();
    const idle = new Readable({ read: () => {} });
    idle.push('begun');
    served.serve(get('/idle', { response: raw('application/octet-stream') }), () => idle);
    const opened = await open(served.http.port, '/api/catalog/idle');

    opened.leave();
    await pause(50);

    expect(idle.destroyed).to.equal(true);
  });

  it('is not asked for more than its reader takes', async () => {
    await using served = await OperationsFixture.start();
    let events = 0;
    let chunks = 0;
    const text = 'x'.repeat(100_000);
    served.serve(get('/events', { stream: z.string() }), async function* () {
      for (; events < 2_000; events++) yield text;
    });
    served.serve(get('/bytes', { response: raw('application/octet-stream') }), async function* () {
      for (; chunks < 2_000; chunks++) yield Buffer.from(text);
    });
    const opened = [
      await open(served.http.port, '/api/catalog/events'),
      await open(served.http.port, '/api/catalog/bytes'),
    ];
    for (const { stall } of opened) stall();

    await pause(400);

    // What the operating system keeps for a reader is a few megabytes.
    expect(events).to.be.within(1, 500);
    expect(chunks).to.be.within(1, 500);
    for (const { leave } of opened) leave();
  });

  it('ends when the server stops, and tells its reader when to come back', async () => {
    const served = await OperationsFixture.start();
    let finished = false;
    served.serve(get('/ticks', { stream: Tick }), async function* () {
      try {
        for (let n = 0; ; n++) {
          yield { n };
          await pause(10);
        }
      } finally {
        finished = true;
      }
    });
    const opened = await open(served.http.port, '/api/catalog/ticks');

    expect(await served.http.stop()).to.deep.equal([]);
    await served[Symbol.asyncDispose]();

    expect(opened.text()).to.match(/retry: \d+\n\r\n0\r\n\r\n$/);
    expect(finished).to.equal(true);
  });

  it('are bytes with their media type', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/icon', { response: raw('image/svg+xml') }), async function* () {
      yield Buffer.from('<svg');
      await pause(5);
      yield Buffer.from('/>');
    });

    const { text, headers } = await served.ask('GET /icon');

    expect(text).to.equal('<svg/>');
    expect(headers['content-type']).to.equal('image/svg+xml');
  });

  it('are sent with their length where they are there at once', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/icon', { response: raw('image/svg+xml') }), () => Buffer.from('<svg/>'));

    const { text, headers } = await served.ask('GET /icon');
    const asked = await served.ask('HEAD /icon');

    expect([text, headers['content-type'], headers['content-length']]).to.deep.equal(['<svg/>', 'image/svg+xml', '6']);
    expect([asked.text, asked.headers['content-length']]).to.deep.equal(['', '6']);
  });

  it('are none where their memory has been taken, and come to their end where it shrinks', async () => {
    await using served = await OperationsFixture.start();
    const taken = new Uint8Array(8);
    structuredClone(taken, { transfer: [taken.buffer] });
    served.serve(get('/taken', { response: raw('a/b') }), () => taken);
    served.serve(get('/shrinking', { response: raw('a/b') }), () => {
      const memory = new (ArrayBuffer as unknown as ResizableBuffer)(100_000, { maxByteLength: 100_000 });
      setImmediate(() => memory.resize(1));
      return new Uint8Array(memory);
    });

    expect(await served.ask('GET /taken').catch((error: Error) => error)).to.have.property('status', 500);
    const { text } = await served.ask('GET /shrinking', { headers: { 'accept-encoding': 'gzip' } });
    expect(text.length).to.be.above(0);
  });

  it('may take longer than the time in which they have to begin, and so may what is called meanwhile', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/long', { stream: z.string(), timeout: 200 }), async function* (_input, { deadline, signal }) {
      yield deadline === undefined ? 'whenever' : 'in time';
      await pause(300);
      yield signal.aborted ? 'aborted' : 'still there';
    });
    served.serve(get('/calls', { stream: z.string(), timeout: 200 }), async function* (_input, call) {
      yield 'begun';
      await pause(10);
      yield String(call.deadline);
    });

    expect((await served.ask('GET /long')).text).to.match(/in time.*still there/s);
    expect((await served.ask('GET /calls')).text).to.match(/begun.*undefined/s);
  });

  it('cannot be taken for the whole where bytes fail to come', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/early', { response: raw('a/b') }), async function* () {
      if (served) throw new ForbiddenError();
      yield Buffer.from('a');
    });
    served.serve(get('/late', { response: raw('a/b') }), async function* () {
      yield Buffer.from('a');
      throw new ForbiddenError();
    });
    served.serve(get('/text', { response: raw('a/b') }), async function* () {
      yield 'text';
    });

    expect((await served.ask('GET /early')).status).to.equal(403);
    expect(await served.ask('GET /text').catch((error: NodeJS.ErrnoException) => error.code)).to.have.property(
      'status',
      500,
    );
    const late = await served.ask('GET /late').catch((error: NodeJS.ErrnoException) => error.code);
    expect(late).to.equal('ECONNRESET');
  });
});
