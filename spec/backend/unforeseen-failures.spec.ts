import { expect } from 'chai';
import { Backend } from '../../lib/backend/backend.js';
import { framework } from '../../lib/composition-root.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';

const cause = new Error('the disk is gone');
const broken = { ...framework, loadConfiguration: () => Promise.reject(cause) };

/** What a backend says whose configuration cannot be read for a reason that nobody has thought of. */
async function failureOf(work: (backend: Backend) => Promise<unknown>): Promise<BackendStartupError> {
  const backend = new Backend(broken, { features: [], mode: 'test' });
  return work(backend).then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as BackendStartupError,
  );
}

describe('A failure that nobody has foreseen', () => {
  for (const [what, work] of [
    ['plan', backend => backend.plan()],
    ['start', backend => backend.start()],
  ] as [string, (backend: Backend) => Promise<unknown>][]) {
    it(`of a ${what} is a problem like any other, with its cause`, async () => {
      const error = await failureOf(work);

      expect(error).to.be.instanceOf(BackendStartupError);
      expect(error.problems.map(problem => [problem.code, problem.cause])).to.deep.equal([['START_FAILED', cause]]);
      expect(error.message).to.contain('the disk is gone');
    });
  }
});
