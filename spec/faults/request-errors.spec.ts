import { expect } from 'chai';
import { type ClientRequest, request } from 'node:http';
import { atOnce } from './harness/at-once.js';
import { afterCheck, resourcesOf } from './harness/after-check.js';
import { spawnBackend } from './harness/child-backend.js';
import { codeOf, get } from './harness/http-get.js';

/** Posts a body that comes when the handler waits for it, and gives the status of the answer. */
function postLate(
  port: number,
  path: string,
  send: (outgoing: ClientRequest) => void = outgoing => outgoing.end('four'),
): Promise<number | undefined> {
  const headers = { 'content-length': 4, expect: '100-continue' };
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path, method: 'POST', headers, agent: false });
    outgoing.on('response', incoming => resolve(incoming.resume().statusCode));
    // Our own word comes just before the handler is called.
    outgoing.on('continue', () => send(outgoing)).on('error', reject);
    outgoing.flushHeaders();
  });
}

describe('An error that nobody caught, while a request is answered', () => {
  for (const path of ['emitter', 'timer', 'rejection']) {
    it(`R11: is the 500 of that request (${path}), and the process lives`, async () => {
      await using child = await spawnBackend('request-errors');
      const baseline = await resourcesOf(child.at);

      const answers = await Promise.all(Array.from({ length: 5 }, () => get(child.at, `/api/faulty/${path}`)));

      expect(answers.map(answer => [answer.status, codeOf(answer)])).to.deep.equal(
        answers.map(() => [500, 'internal_server_error']),
      );
      for (const { duration, headers } of answers) {
        expect(duration).to.be.below(atOnce);
        expect(headers['x-request-id']).to.be.a('string');
      }
      const logged = child.log.of('error').map(line => line.fields['requestId']);
      expect(new Set(logged)).to.have.property('size', 5);
      expect((await get(child.at, '/api/faulty/fine')).status).to.equal(200);
      // The five handlers still sleep, each in a timer.
      await afterCheck(child, baseline + 5);
    });
  }

  for (const how of ['on-data', 'once-end', 'prepended', 'added', 'piped']) {
    it(`R11: is that request’s also where it is thrown to the connection that brings the body (${how})`, async () => {
      await using child = await spawnBackend('request-errors');

      const answers = await Promise.all(Array.from({ length: 3 }, () => postLate(child.at, `/api/faulty/body/${how}`)));

      expect(answers).to.deep.equal(answers.map(() => 500));
      const logged = child.log.of('error').map(({ fields }) => fields['requestId']);
      expect(new Set(logged)).to.have.property('size', 3);
      expect((await get(child.at, '/api/faulty/fine')).status).to.equal(200);
    });
  }

  it('R11: is the plugin’s where the connection has ended before the body', async () => {
    await using child = await spawnBackend('request-errors');

    await postLate(child.at, '/api/faulty/body/aborted', outgoing => outgoing.destroy()).catch(() => {});
    const { code } = await child.exit();

    expect(code).to.equal(70);
    const [stray] = child.log.all.filter(line => line.message.startsWith('Nobody caught'));
    expect(stray?.fields['plugin']).to.equal('faulty');
  });

  for (const path of ['stream', 'pipe']) {
    it(`R11: cuts off the answer that was already begun (${path}), so that nobody takes it for all, and the process lives`, async () => {
      await using child = await spawnBackend('request-errors');
      const baseline = await resourcesOf(child.at);

      const answers = await Promise.all(Array.from({ length: 5 }, () => get(child.at, `/api/faulty/${path}`)));

      expect(answers.map(({ status, complete }) => [status, complete])).to.deep.equal(answers.map(() => [200, false]));
      await afterCheck(child, baseline);
    });
  }

  it('R11: is not the request’s any more once that is answered', async () => {
    await using child = await spawnBackend('several-backends');

    await get(child.at, '/api/guest/throw');
    const { code } = await child.exit();

    expect(code).to.equal(70);
    const [stray] = child.log.all.filter(line => line.message.startsWith('Nobody caught'));
    expect(stray?.fields['plugin']).to.equal('guest');
  });
});
