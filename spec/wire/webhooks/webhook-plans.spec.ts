import { expect } from 'chai';
import { type BackendStartupError, Plugin, Post, Webhook, githubSignature, staticToken } from '../../../lib/index.js';
import { TestBackend } from '../../../lib/testing/index.js';
import { pushed, secret } from './webhook-fixture.js';

describe('The plan of a webhook', () => {
  const problemsOf = async (options: object, path = '/in'): Promise<string[]> => {
    @Plugin({ pluginId: 'hooks' })
    class HooksPlugin {
      @Webhook(path, { topic: pushed, validator: 'none', ...options } as never)
      take(): undefined {}

      @Post('/taken', { allow: 'unauthenticated' })
      taken(): void {}
    }
    const planned = TestBackend.plan({ features: [HooksPlugin], config: { hooks: { secret, short: 'short' } } });
    const error: unknown = await planned.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(String(error)).not.to.contain('S3cr3t');
    return error === undefined ? [] : (error as BackendStartupError).problems.map(({ code }) => code);
  };

  for (const [what, options, codes] of [
    ['has nothing to say of a good one', { validator: githubSignature({ secret: 'hooks.secret' }) }, []],
    ['wants a validator', { validator: undefined }, ['WEBHOOK_WITHOUT_VALIDATOR']],
    [
      'refuses who may call',
      { validator: githubSignature({ secret: 'hooks.secret' }), allow: ['service'] },
      ['INVALID_OPTION'],
    ],
    [
      'refuses what is misspelt',
      { validator: githubSignature({ secret: 'hooks.secret' }), onec: 'body' },
      ['INVALID_OPTION'],
    ],
    ['refuses a validator that is none', { validator: true }, ['INVALID_OPTION']],
    [
      'refuses a secret that is not there',
      { validator: githubSignature({ secret: 'hooks.none' }) },
      ['INVALID_CONFIG'],
    ],
    ['refuses a short secret', { validator: staticToken({ header: 'a', secret: 'hooks.short' }) }, ['INVALID_CONFIG']],
    [
      'refuses a secret of somebody else',
      { validator: githubSignature({ secret: 'hooks-x.secret' }) },
      ['FOREIGN_CONFIG'],
    ],
    [
      'refuses a secret in the place of its key',
      { validator: githubSignature({ secret: 'S3cr3t-Wh1ch_Is_Long' }) },
      ['INVALID_OPTION'],
    ],
    [
      'refuses a key that the environment was to say',
      { validator: githubSignature({ secret: undefined as never }) },
      ['INVALID_OPTION'],
    ],
    [
      'refuses a signature that any body fits',
      { validator: { ...githubSignature({ secret: 'hooks.secret' }), signed: 'x' } },
      ['INVALID_OPTION'],
    ],
    [
      'refuses a time that nobody signs',
      { validator: { ...githubSignature({ secret: 'hooks.secret' }), timestamp: 'x-time' } },
      ['INVALID_OPTION'],
    ],
    ['refuses a delivery that is known by nothing', { once: {} }, ['INVALID_OPTION']],
    ['refuses headers that are none', { headers: ['a b'] }, ['INVALID_OPTION']],
    ['refuses a body of no size', { maxBodySize: 0 }, ['INVALID_OPTION']],
    ['refuses what is no topic', { topic: {} }, ['INVALID_OPTION']],
  ] as const) {
    it(what, async () => {
      expect(await problemsOf(options)).to.deep.equal(codes);
    });
  }

  it('knows its path as that of any other route', async () => {
    expect(await problemsOf({}, '/taken')).to.deep.equal(['COLLIDING_ROUTE']);
    expect(await problemsOf({}, 'in')).to.deep.equal(['INVALID_ROUTE']);
    expect(await problemsOf({}, '/.backplane/in')).to.deep.equal(['INVALID_ROUTE']);
  });
});
