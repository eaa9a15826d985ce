import { expect } from 'chai';
import { atOnce } from './harness/at-once.js';
import { ChildBackend, runBackend, spawnBackend } from './harness/child-backend.js';
import { codeOf, get } from './harness/http-get.js';
import { nightly } from './harness/nightly.js';
import { isClosed } from './harness/raw-http.js';

const production = { env: { BACKPLANE_MODE: 'production' } };

describe('A signal', () => {
  it('stops a started backend: not ready, yet answering for the delay, then gone with 0', async () => {
    await using child = await spawnBackend('only-probe', { backend: { lifecycle: { serverShutdownDelay: 1_000 } } });

    const stopped = child.kill('SIGTERM');
    await child.line(line => line.message === 'Backend is stopping');
    const [readiness, liveness, request] = await Promise.all(
      ['/.backplane/health/v1/readiness', '/.backplane/health/v1/liveness', '/api/probe/ping'].map(path =>
        get(child.at, path),
      ),
    );
    const { code, at } = await child.exit();

    expect([readiness!.status, liveness!.status, request!.status]).to.deep.equal([503, 200, 200]);
    expect(request!.headers.connection).to.equal('close');
    expect(code).to.equal(0);
    expect(at - stopped).to.be.within(1_000, 1_000 + atOnce);
  });

  it('waits 5 s for balancers in production', async () => {
    await using child = await spawnBackend('only-probe', production);

    const stopped = child.kill('SIGTERM');
    const { code, at } = await child.exit();

    expect(code).to.equal(0);
    expect(at - stopped).to.be.within(5_000, 5_000 + atOnce);
  });

  for (const [first, second, code] of [
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGINT', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
  ] as const) {
    it(`R37: ends the process at once with ${code} where it is ${second} after ${first}, and says so`, async function () {
      this.timeout(nightly(60_000, 120_000));
      for (let n = 0; n < nightly(1, 20); n++) {
        await using child = await spawnBackend('only-probe', production);

        child.kill(first);
        await child.line(line => line.message === 'Backend is stopping');
        const forced = child.kill(second);
        const exit = await child.exit();

        expect(exit.code).to.equal(code);
        expect(exit.at - forced).to.be.below(atOnce);
        expect(child.stderr).to.match(new RegExp(`^backplane: ${second} .*\n$`));
      }
    });
  }

  it('R37: that comes while the program itself stops waits for that stop', async () => {
    await using child = await spawnBackend('bad-hooks', { backend: { lifecycle: { serverShutdownDelay: 500 } } });

    child.kill('SIGUSR2');
    await child.line(line => line.message === 'Backend is stopping');
    child.kill('SIGTERM');
    const { code } = await child.exit();

    expect(code).to.equal(0);
    expect(child.log.messages().filter(message => message === 'other: hook')).to.have.length(1);
  });

  it('during the start undoes what was done, and the program never hears of a failure', async () => {
    await using child = new ChildBackend('slow-start', { env: { FIXTURE_INIT_MS: '20000' } });
    const port = await child.port();
    await child.line(line => line.message === 'slow: init begins');
    const waiting = get(port, '/api/slow/ping');

    const stopped = child.kill('SIGTERM');
    const [{ code, at }, held] = await Promise.all([child.exit(), waiting]);

    expect(code).to.equal(0);
    expect(at - stopped).to.be.below(atOnce);
    expect(child.stderr).to.equal('');
    expect([held.status, codeOf(held)]).to.deep.equal([503, 'shutting_down']);
    expect(child.log.messages()).to.include.members(['slow: shutdown hook', 'Backend is stopped']);
    expect(await isClosed(port)).to.equal(true);
  });

  it('while a root service is still being made ends the start as well', async () => {
    await using child = new ChildBackend('slow-root-service');
    await child.line(line => line.message === 'slow service: begun');

    const stopped = child.kill('SIGTERM');
    const { code, at } = await child.exit();

    expect(code).to.equal(0);
    expect(at - stopped).to.be.below(atOnce);
    expect(child.stderr).to.equal('');
  });

  it('while features are still imported ends the start as well', async () => {
    await using child = new ChildBackend('cyclic-feature');
    await child.line(line => line.message === 'the start has begun');

    const stopped = child.kill('SIGTERM');
    const { code, at } = await child.exit();

    expect(code).to.equal(0);
    expect(at - stopped).to.be.below(atOnce);
    expect(child.stderr).to.equal('');
  });
});

describe('A program', () => {
  it('R37: that stops twice waits for one stop', async () => {
    await using child = await spawnBackend('bad-hooks');

    child.kill('SIGUSR2');
    const { code } = await child.exit();

    expect(code).to.equal(0);
    expect(child.log.messages()).to.include('stops: fulfilled fulfilled');
    expect(child.log.messages().filter(message => message === 'other: hook')).to.have.length(1);
  });

  it('that has nothing left to do stops its backend and ends with 0', async () => {
    const child = await runBackend('bad-hooks', { backend: { listen: false } });

    expect(child.code).to.equal(0);
    expect(child.log.messages()).to.include.members(['other: hook', 'Backend is stopped']);
  });

  it('that holds its backend with `await using` goes on after the stop and ends with 0', async () => {
    await using child = new ChildBackend('await-using');
    const port = await child.port();
    await child.line(line => line.message === 'after the block');
    const left = performance.now();
    const { code, at } = await child.exit();

    expect(code).to.equal(0);
    // Nothing is left that would keep the process.
    expect(at - left).to.be.below(atOnce);
    expect(child.log.messages().slice(-2)).to.deep.equal(['Backend is stopped', 'after the block']);
    expect(await isClosed(port)).to.equal(true);
  });
});
