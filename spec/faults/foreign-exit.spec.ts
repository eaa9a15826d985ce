import { expect } from 'chai';
import { runBackend } from './harness/child-backend.js';

const exitAt = (moment: string, code = 0) =>
  runBackend('exits', { env: { EXIT_AT: moment, EXIT_CODE: String(code) }, within: 10_000 });

describe('process.exit() of somebody else', () => {
  for (const [moment, place] of [
    ['loader', '-> imports and the plan'],
    ['init', "in plugin 'exiting'"],
    ['startup hook', "in plugin 'exiting'"],
  ] as const) {
    it(`is no success while the backend starts, and is told with its place (in its ${moment})`, async () => {
      const child = await exitAt(moment);

      expect(child.code).to.equal(1);
      expect(child.stderr).to.include('[PROCESS_EXIT]').and.to.include(place);
      expect(child.stderr).to.include('with code 0 while the backend started');
      expect(child.stderr).to.match(/at .*\(?spec\/faults\/fixtures\/exits\.ts:7:/);
    });
  }

  it('keeps a code of its own', async () => {
    const child = await exitAt('init', 3);

    expect(child.code).to.equal(3);
    expect(child.stderr).to.include('[PROCESS_EXIT]').and.to.include('with code 3');
  });

  it('is told, and keeps its code, while the backend runs', async () => {
    const child = await exitAt('ready');

    expect(child.code).to.equal(0);
    expect(child.stderr).to.include('[PROCESS_EXIT]').and.to.include('while the backend ran');
  });

  it('is told, and keeps its code, while the backend stops', async () => {
    const child = await exitAt('shutdown');

    expect(child.code).to.equal(0);
    expect(child.stderr).to.include('[PROCESS_EXIT]').and.to.include('while the backend stopped');
  });

  it('does not hide that the backend stops because of an error nobody caught', async () => {
    const child = await exitAt('crash');

    expect(child.code).to.equal(70);
    expect(child.stderr).to.include('[PROCESS_EXIT]').and.to.include('with code 0');
  });

  it('is nobody’s business once the backend has stopped', async () => {
    const child = await exitAt('stopped');

    expect([child.code, child.stderr]).to.deep.equal([0, '']);
  });
});
