import { expect } from 'chai';
import { atOnce } from './harness/at-once.js';
import { type ChildBackend, type SpawnOptions, spawnBackend } from './harness/child-backend.js';

const hookTimeout = 1_000;

async function stopped(kind: string, { backend = { lifecycle: { hookTimeout } }, env = {} }: SpawnOptions = {}) {
  await using child = await spawnBackend('bad-hooks', { env: { FIXTURE_HOOK: kind, ...env }, backend });
  const signalled = child.kill('SIGTERM');
  const { code, at } = await child.exit();
  return { child, code, duration: at - signalled };
}

const others = ({ log }: ChildBackend) => log.messages().filter(message => /^(?:clumsy|other): /.test(message));

describe('A shutdown hook', () => {
  it('R38: that throws is named; the others run, and the process ends with 1', async () => {
    const { child, code, duration } = await stopped('throws');

    expect(code).to.equal(1);
    expect(duration).to.be.below(atOnce);
    expect(child.stderr)
      .to.include('[HOOK_FAILED]')
      .and.to.include("'close pool' of plugin 'clumsy'")
      .and.to.include('the pool is gone');
    expect(others(child)).to.have.members(['clumsy: first hook', 'clumsy: last hook', 'other: hook']);
    const [line] = child.log.of('error');
    expect(line?.fields).to.include({ plugin: 'clumsy' });
    expect(line?.message).to.include('close pool');
  });

  it('R38: that hangs is given up at its deadline and named; the others run', async () => {
    const { child, code, duration } = await stopped('hangs');

    expect(code).to.equal(1);
    expect(duration).to.be.within(500, 500 + atOnce);
    expect(child.stderr)
      .to.include('[HOOK_TIMEOUT]')
      .and.to.include("'close pool' of plugin 'clumsy' did not finish in 1000 ms");
    expect(others(child)).to.have.members(['clumsy: first hook', 'clumsy: last hook', 'other: hook']);
  });

  it('R38: that has more time than the whole stop is named when that is over', async () => {
    const lifecycle = { shutdownTimeout: 2_000 };
    const { child, code, duration } = await stopped('hangs for ever', { backend: { lifecycle } });

    expect(code).to.equal(1);
    expect(duration).to.be.within(1_500, 1_500 + atOnce);
    expect(child.stderr).to.include('[STOP_TIMEOUT]').and.to.include("shutdown hook 'close pool' of plugin 'clumsy'");
  });

  it('R38: that fails is named also where the whole stop then takes too long', async () => {
    const lifecycle = { shutdownTimeout: 2_000, hookTimeout: 10_000 };
    const { child, code, duration } = await stopped('throws', {
      backend: { lifecycle },
      env: { FIXTURE_SHUTDOWN: 'hangs' },
    });

    expect(code).to.equal(1);
    expect(duration).to.be.within(1_500, 1_500 + atOnce);
    expect(child.stderr).to.include('[HOOK_FAILED]').and.to.include('[STOP_TIMEOUT]');
    expect(child.stderr).to.include("waiting for: shutdown() of plugin 'clumsy'");
  });

  it('R38: that leaves an error behind which nobody catches makes the process end with 70', async () => {
    const { child, code, duration } = await stopped('strays');

    expect(code).to.equal(70);
    expect(duration).to.be.below(atOnce);
    expect(child.stderr).to.include('left behind');
    expect(others(child)).to.have.members(['clumsy: first hook', 'clumsy: last hook', 'other: hook']);
  });
});
