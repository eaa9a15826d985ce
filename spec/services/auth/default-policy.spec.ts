import { expect } from 'chai';
import { AuthService } from '../../../lib/index.js';
import { TestBackend } from '../../../lib/testing/index.js';
import { GuardedPlugin } from '../../security/guarded-backend.js';

describe('backend.auth.dangerouslyDisableDefaultAuthPolicy', () => {
  let backend: TestBackend;

  before(async () => {
    const config = { backend: { auth: { dangerouslyDisableDefaultAuthPolicy: true } } };
    backend = await TestBackend.start({ features: [GuardedPlugin], config });
  });

  after(() => backend.stop());

  it('opens routes that say nothing, and no other', async () => {
    const { status, body } = await backend.request.get('/api/a/undeclared');

    expect([status, body]).to.deep.equal([200, { principal: { type: 'none' } }]);
    expect((await backend.request.get('/api/a/users')).status).to.equal(401);
    expect((await backend.request.get('/api/a/services')).status).to.equal(401);
  });

  it('makes no bad token good', async () => {
    const headers = { authorization: 'Bearer garbage' };

    expect((await backend.request.get('/api/a/undeclared', { headers })).status).to.equal(401);
  });

  it('lets a plugin call on behalf of nobody, without a token', async () => {
    const auth = backend.get(AuthService, { pluginId: 'a' });
    const onBehalfOf = auth.getNoneCredentials();

    expect(await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'b' })).to.deep.equal({ token: '' });
  });

  it('is warned of', async () => {
    const config = { backend: { auth: { dangerouslyDisableDefaultAuthPolicy: 'true' } } };
    const { warnings } = await TestBackend.plan({ features: [GuardedPlugin], config });

    expect(warnings.map(({ code }) => code)).to.deep.equal(['AUTH_POLICY_DISABLED']);
  });
});
