import { expect } from 'chai';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture } from './http-fixture.js';

const get = (path: string) => `GET /api/catalog${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** Sends bytes, and gives what came back in the while. */
async function exchange(port: number, bytes: string, milliseconds = 150): Promise<string> {
  let text = '';
  const socket = connect(port, '127.0.0.1').on('data', chunk => (text += chunk.toString()));
  socket.on('error', () => {});
  socket.write(bytes);
  await pause(milliseconds);
  socket.destroy();
  return text;
}

describe('A connection with several requests', () => {
  let http: HttpFixture;
  let router: PluginHttpRouter;

  beforeEach(async () => {
    http = await HttpFixture.start({ lifecycle: { drainTimeout: 1_000 } });
    router = http.plugin('catalog');
    http.route(router, 'GET /ok', () => 'ok');
  });

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  it('leaves none of them open when its client goes away', async () => {
    let aborted = 0;
    http.route(router, 'GET /slow', async ctx => {
      ctx.signal.addEventListener('abort', () => aborted++);
      await pause(200);
      return 'slow';
    });

    await exchange(http.port, get('/slow').repeat(20), 50);
    await pause(50);

    // The turn of the others never came.
    expect(aborted).to.equal(1);
    expect(await http.stop()).to.deep.equal([]);
  });

  for (const outcome of ['a text', 'an error']) {
    it(`is nothing to tell of where the answer that comes late is ${outcome}`, async () => {
      const strays: unknown[] = [];
      const note = (error: unknown): unknown => strays.push(error);
      process.on('uncaughtException', note);
      http.route(router, 'GET /late', async ctx => {
        await pause(60);
        if (outcome === 'an error') ctx.onerror(new Error('late'));
        return 'late';
      });

      await exchange(http.port, get('/late'), 30);
      await pause(60);
      process.off('uncaughtException', note);

      expect(strays).to.deep.equal([]);
      const failures = http.logger.entries.filter(({ message }) => message === 'A request failed');
      expect(failures).to.have.length(outcome === 'an error' ? 1 : 0);
    });
  }

  for (const [length, text] of [
    [100, 'shorter'],
    [1, 'longer'],
  ] as const) {
    it(`ends with an answer that is ${text} than it says`, async () => {
      http.route(router, 'GET /wrong', ctx => {
        ctx.length = length;
        ctx.body = Readable.from([text]);
        ctx.length = length;
      });

      const answer = await exchange(http.port, get('/wrong') + get('/ok'));

      expect(answer).not.to.contain('\r\n\r\nok');
    });
  }
});
