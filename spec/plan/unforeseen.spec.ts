import { expect } from 'chai';
import { Plugin } from '../../decorators/plugin.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { TestBackend } from '../../lib/testing/index.js';

describe('A plan that fails for a reason that nobody foresaw', () => {
  it('is an error with a code and the cause', async () => {
    @Plugin({ pluginId: 'odd', controllers: 5 as never })
    class OddPlugin {}

    const error: unknown = await TestBackend.plan({ features: [OddPlugin] }).catch((e: unknown) => e);

    expect(error).to.be.instanceOf(BackendStartupError);
    const [problem, ...others] = (error as BackendStartupError).problems;
    expect(problem).to.include({ code: 'START_FAILED' }).and.have.property('cause').that.is.instanceOf(TypeError);
    expect(others).to.deep.equal([]);
  });
});
