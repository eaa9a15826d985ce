import { expect } from 'chai';
import type { RequestListener } from 'node:http';
import { answerError, answerJson, mirrorApi, own, rejection, serve, startAsker } from './wire-fixture.js';

const greeting = { params: { name: 'ada' } };

/** A server whose answers, one after the other, are these; the last one goes on. */
async function flaky(...answers: RequestListener[]) {
  let asked = 0;
  const served = await serve((req, res) => {
    asked++;
    (answers.length > 1 ? answers.shift()! : answers[0]!)(req, res);
  });
  return { ...served, asked: () => asked };
}

const good: RequestListener = (_req, res) => answerJson(res, 200, 'hello');
const busy: RequestListener = (_req, res) => answerError(res, 503, 'plugin_starting', { 'retry-after': '0' });
const broken: RequestListener = req => req.socket.destroy();

describe('A call to another backend', () => {
  it('uses a connection again', async () => {
    using server = await flaky(good);
    await using asker = await startAsker(server.port);

    for (let i = 0; i < 5; i++) await asker.wire.call(mirrorApi.greet, greeting, own);

    expect(server.asked()).to.equal(5);
    expect(server.connections.size).to.equal(1);
  });

  it('is tried again where the connection breaks', async () => {
    using server = await flaky(broken, broken, good);
    await using asker = await startAsker(server.port);

    expect(await asker.wire.call(mirrorApi.greet, greeting, own)).to.equal('hello');
    expect(server.asked()).to.equal(3);
  });

  it('is tried again where the other side asks for that', async () => {
    using server = await flaky(busy, good);
    await using asker = await startAsker(server.port);

    expect(await asker.wire.call(mirrorApi.greet, greeting, own)).to.equal('hello');
  });

  it('is not tried again where nobody asks for that', async () => {
    using server = await flaky((_req, res) => answerError(res, 503, 'plugin_unavailable'), good);
    await using asker = await startAsker(server.port);

    const error = await rejection(asker.wire.call(mirrorApi.greet, greeting, own));

    expect(error).to.include({ status: 503, code: 'plugin_unavailable' });
    expect(server.asked()).to.equal(1);
  });

  it('is not tried again where once may not be twice', async () => {
    using server = await flaky(broken, good);
    await using asker = await startAsker(server.port);

    const error = await rejection(asker.wire.call(mirrorApi.reflect, { body: { value: 1 } }, own));

    expect(error).to.include({ status: 503, code: 'plugin_unreachable' });
    expect(server.asked()).to.equal(1);
  });

  it('is not tried again where the wait would be longer than the deadline', async () => {
    using server = await flaky((_req, res) => answerError(res, 503, 'busy', { 'retry-after': '5' }), good);
    await using asker = await startAsker(server.port);

    const error = await rejection(asker.wire.call(mirrorApi.greet, greeting, { ...own, timeout: 1_000 }));

    expect(error).to.include({ status: 503, code: 'busy', retryAfter: 5 });
    expect(server.asked()).to.equal(1);
  });

  it('is tried again at most 3 times', async () => {
    using server = await flaky(busy);
    await using asker = await startAsker(server.port);

    await rejection(asker.wire.call(mirrorApi.greet, greeting, own));

    expect(server.asked()).to.equal(4);
  });

  it('takes another connection where the one it has kept has ended unnoticed, and counts that as no failure', async () => {
    const seen = new WeakSet<object>();
    using server = await flaky((req, res) => {
      // As a server does that ends an idle connection just when a request is on its way.
      if (seen.has(req.socket)) req.socket.destroy();
      else good(req, res);
      seen.add(req.socket);
    });
    await using asker = await startAsker(server.port);

    for (let i = 0; i < 20; i++) expect(await asker.wire.call(mirrorApi.greet, greeting, own)).to.equal('hello');

    expect(server.connections.size).to.equal(20);
  });

  it('adds only a tenth, and a few more, of retries to the load of a server that fails', async function () {
    this.timeout(30_000);
    // Fails so often that it helps nobody, but never so often in a row that the circuit opens.
    let asked = 0;
    using server = await serve((req, res) => {
      asked++;
      if (asked % 4 === 0) good(req, res);
      else busy(req, res);
    });
    await using asker = await startAsker(server.port);

    for (let i = 0; i < 200; i++) await asker.wire.call(mirrorApi.greet, greeting, own).catch(() => {});

    expect(asked - 200).to.be.within(20, 45);
  });

  it('is not sent where the last ones have failed, until one of them is answered again', async () => {
    let isDown = true;
    let asked = 0;
    using server = await serve((req, res) => {
      asked++;
      if (isDown) req.socket.destroy();
      else good(req, res);
    });
    await using asker = await startAsker(server.port);
    const call = () => asker.wire.call(mirrorApi.reflect, { body: { value: 1 } }, own);
    for (let i = 0; i < 5; i++) expect(await rejection(call())).to.include({ code: 'plugin_unreachable' });

    const refused = await rejection(call());

    expect(refused).to.include({ status: 503, code: 'circuit_open' });
    expect(asked).to.equal(5);
    isDown = false;
    await new Promise(resolve => setTimeout(resolve, 1_050));
    expect(await call()).to.equal('hello');
    expect(await call()).to.equal('hello');
  });

  it('follows no redirect', async () => {
    using server = await flaky((_req, res) => {
      res.writeHead(302, { location: '/api/mirror/elsewhere' });
      res.end();
    }, good);
    await using asker = await startAsker(server.port);

    const error = await rejection(asker.wire.call(mirrorApi.greet, greeting, own));

    expect(error).to.include({ status: 302, code: 'INVALID_ANSWER' });
    expect(server.asked()).to.equal(1);
  });

  it('rejects where the other side hangs up within its answer', async () => {
    using server = await flaky((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      res.write('"half');
      setTimeout(() => res.destroy(), 10);
    });
    await using asker = await startAsker(server.port);

    const error = await rejection(asker.wire.call(mirrorApi.greet, greeting, own));

    expect(error).to.include({ status: 503, code: 'plugin_unreachable' });
  });

  it('ends at its deadline where the answer does not come to its end', async () => {
    using server = await flaky((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.write('"half');
    });
    await using asker = await startAsker(server.port);

    const error = await rejection(asker.wire.call(mirrorApi.greet, greeting, { ...own, timeout: 100 }));

    expect(error).to.include({ status: 504, code: 'deadline_exceeded' });
  });
});
