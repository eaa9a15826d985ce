import { expect } from 'chai';
import { atOnce } from './harness/at-once.js';
import { afterCheck, resourcesOf } from './harness/after-check.js';
import { spawnBackend } from './harness/child-backend.js';
import { codeOf, get } from './harness/http-get.js';

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
