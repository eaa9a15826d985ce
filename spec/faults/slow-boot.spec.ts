import { expect } from 'chai';
import { atOnce } from './harness/at-once.js';
import { afterCheck } from './harness/after-check.js';
import { ChildBackend, runBackend } from './harness/child-backend.js';
import { codeOf, get } from './harness/http-get.js';
import { LoadClient } from './harness/load-client.js';
import { nightly } from './harness/nightly.js';

const startup = { initTimeout: 1_000 };

describe('A plugin that takes long to start', () => {
  it('R4: is given up at its deadline, with the name of what it waits for', async () => {
    const child = new ChildBackend('hanging-init', { backend: { startup } });
    const listening = (await child.port(), performance.now());

    const { code, at } = await child.exit();

    expect(code).to.equal(1);
    expect(at - listening).to.be.within(500, 500 + atOnce);
    expect(child.stderr).to.match(/'x' init did not finish in 1000 ms \(waiting for: init\(\) of module 'y'/);
  });

  it('R5: is given up as well where nothing keeps the process alive', async () => {
    const child = await runBackend('hanging-init', { backend: { startup, listen: false } });

    expect(child.code).to.equal(1);
    expect(child.stderr).to.include('init did not finish in 1000 ms');
  });

  it('R5: is given up as well where nothing at all is going on, in a loader that never ends', async () => {
    const child = await runBackend('hanging-loader', { backend: { startup: { importTimeout: 500 } } });

    expect(child.code).to.equal(1);
    expect(child.stderr).to.include('[IMPORT_TIMEOUT] features[0] was not there after 500 ms');
  });

  it('R5: is given up as well where nothing is going on and there is no deadline, and says what it waits for', async () => {
    const child = await runBackend('dry-start');

    expect(child.code).to.equal(1);
    expect(child.stderr).to.include('the start waits for imports and the plan, and nothing is going on');
  });

  it('R7: has its requests wait until it is there', async () => {
    await using child = new ChildBackend('slow-start', { env: { FIXTURE_INIT_MS: '1000' } });
    const port = await child.port();
    const load = new LoadClient({ port, connections: 10, path: '/api/slow/ping' });
    await child.started();

    const { ok, requests } = await load.end();

    expect(requests).to.be.at.least(10);
    expect(ok).to.equal(requests);
  });

  it('R7: has its requests refused after 5 s, with the advice to come again in a second', async () => {
    await using child = new ChildBackend('slow-start', { env: { FIXTURE_INIT_MS: '7000' } });
    const port = await child.port();

    const answers = await Promise.all(Array.from({ length: nightly(20, 500) }, () => get(port, '/api/slow/ping')));

    for (const answer of answers) {
      expect([answer.status, codeOf(answer), answer.headers['retry-after']]).to.deep.equal([
        503,
        'plugin_starting',
        '1',
      ]);
      expect(answer.duration).to.be.within(4_900, 4_900 + atOnce);
    }
    await child.started();
    expect((await get(port, '/api/slow/ping')).status).to.equal(200);
    await afterCheck(Object.assign(child, { at: port }));
  });

  it('R7: is not waited for by readiness checks, which say 503 until all has started', async () => {
    await using child = new ChildBackend('slow-start', { env: { FIXTURE_INIT_MS: '500' } });
    const port = await child.port();

    const before = await get(port, '/.backplane/health/v1/readiness');
    await child.started();

    expect([before.status, (await get(port, '/.backplane/health/v1/readiness')).status]).to.deep.equal([503, 200]);
    expect(before.duration).to.be.below(atOnce);
  });
});

describe('A root service that takes long to start', () => {
  for (const [what, env] of [
    ['hangs', {}],
    ['waits for its next attempt', { FIXTURE_RETRIES: 'yes' }],
  ] as const) {
    it(`and ${what} does not keep the process alive once the backend has stopped`, async () => {
      const child = await runBackend('hanging-root-service', { env });

      expect(child.stderr).to.include('[START_CANCELLED]');
      expect(child.code).to.equal(0);
      expect(child.duration).to.be.below(atOnce);
    });
  }
});
