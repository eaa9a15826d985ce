import { expect } from 'chai';
import type { IncomingMessage } from 'node:http';
import { AuthService, Get, Plugin, UserInfoService, type PluginContext } from '../../lib/index.js';
import { mockCredentials, mockServices, TestBackend } from '../../lib/testing/index.js';
import { Backend } from '../../lib/default-backend.js';
import { GuardedPlugin } from '../security/guarded-backend.js';
import { RootHttpRouterService } from '../../lib/api/http-services.js';
import { ask } from '../services/http/http-fixture.js';

@Plugin({ pluginId: 'caller' })
class CallingPlugin {
  constructor(
    readonly auth: AuthService,
    readonly users: UserInfoService,
  ) {}

  @Get('/as-caller')
  async asCaller({ credentials }: PluginContext): Promise<unknown> {
    return this.auth.getPluginRequestToken({ onBehalfOf: credentials, targetPluginId: 'a' });
  }

  @Get('/info')
  info({ credentials }: PluginContext): unknown {
    return this.users.getUserInfo(credentials);
  }
}

describe('mockCredentials', () => {
  let backend: TestBackend;

  before(async () => {
    backend = await TestBackend.start({ features: [GuardedPlugin, CallingPlugin] });
  });

  after(() => backend.stop());

  const get = (path: string, headers: Record<string, string>) => backend.request.get(path, { headers });

  it('are users and services to a TestBackend, by their tokens', async () => {
    const ada = await get('/api/a/users', { authorization: mockCredentials.user.header('user:default/ada') });
    const program = await get('/api/a/services', { authorization: mockCredentials.service.header() });

    expect(ada.body).to.deep.equal({ principal: { type: 'user', userEntityRef: 'user:default/ada' } });
    expect(program.body).to.deep.equal({ principal: { type: 'service', subject: 'external:test-service' } });
  });

  it('meet the same gate as real ones', async () => {
    const status = async (path: string, headers: Record<string, string>) => (await get(path, headers)).status;
    const user = { authorization: mockCredentials.user.header() };

    expect(await status('/api/a/services', user)).to.equal(403);
    expect(await status('/api/a/users', { authorization: mockCredentials.user.invalidHeader() })).to.equal(401);
    expect(await status('/api/a/pages', { cookie: mockCredentials.user.cookie() })).to.equal(200);
    expect(await status('/api/a/users', { cookie: mockCredentials.user.cookie() })).to.equal(401);
    const elsewhere = mockCredentials.service.header({ targetPluginId: 'b' });
    expect(await status('/api/a/services', { authorization: elsewhere })).to.equal(401);
  });

  it('are passed on to other plugins', async () => {
    const authorization = mockCredentials.user.header('user:default/ada');
    const { token } = (await get('/api/caller/as-caller', { authorization })).body as { token: string };

    expect((await get('/api/a/users', { authorization: `Bearer ${token}` })).body).to.deep.equal({
      principal: {
        type: 'user',
        userEntityRef: 'user:default/ada',
        actor: { type: 'service', subject: 'plugin:caller' },
      },
    });
  });

  it('own things as themselves', async () => {
    const { body } = await get('/api/caller/info', { authorization: mockCredentials.user.header() });

    expect(body).to.deep.equal({ userEntityRef: 'user:default/mock', ownershipEntityRefs: ['user:default/mock'] });
  });

  it('leave real tokens as good as they are', async () => {
    const { auth } = backend.get(CallingPlugin, { pluginId: 'caller' });
    const onBehalfOf = auth.getOwnServiceCredentials();
    const { token } = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'a' });

    expect((await get('/api/a/services', { authorization: `Bearer ${token}` })).status).to.equal(200);
  });

  it('are nobody to a real backend', async () => {
    const config = { backend: { listen: { host: '127.0.0.1', port: 0 }, logger: { level: 'silent' } } };
    const seen: { port?: number } = {};
    @Plugin({ pluginId: 'port' })
    class PortPlugin {
      constructor(root: RootHttpRouterService) {
        seen.port = root.address!.port;
      }
    }
    const real = new Backend({ features: [GuardedPlugin, PortPlugin], config, mode: 'test' });
    await real.start();
    const headers = { authorization: mockCredentials.user.header() };
    const { status } = await ask(seen.port!, '/api/a/users', { headers });
    await real.stop();

    expect(status).to.equal(401);
  });

  it('are refused in production mode', () => {
    process.env['BACKPLANE_MODE'] = 'production';
    try {
      for (const make of [mockCredentials.user, mockCredentials.user.token, mockCredentials.service.token]) {
        expect(() => make()).to.throw(/TEST_IN_PRODUCTION/);
      }
    } finally {
      delete process.env['BACKPLANE_MODE'];
    }
  });

  it('refuse a user that is no reference', () => {
    expect(() => mockCredentials.user('ada')).to.throw(TypeError);
  });
});

describe('mockServices', () => {
  it('recognise mock tokens without a backend', async () => {
    const auth = mockServices.auth({ pluginId: 'a' });
    const { token } = await auth.getPluginRequestToken({ onBehalfOf: mockCredentials.user(), targetPluginId: 'a' });

    expect((await auth.authenticate(token)).principal).to.have.property('userEntityRef', 'user:default/mock');
    expect((await auth.authenticate(mockCredentials.service.token())).principal.type).to.equal('service');
    expect(await auth.authenticate('other').catch((error: unknown) => error)).to.include({ status: 401 });
  });

  it('take a request for one of a user, unless it says something else', async () => {
    const httpAuth = mockServices.httpAuth();
    const req = (headers: object) => ({ headers }) as IncomingMessage;

    expect((await httpAuth.credentials(req({}), { allow: ['user'] })).principal.type).to.equal('user');
    const refused = await httpAuth.credentials(req({}), { allow: ['service'] }).catch((error: unknown) => error);
    expect(refused).to.include({ status: 403 });
    const authorization = mockCredentials.service.header();
    expect((await httpAuth.credentials(req({ authorization }))).principal.type).to.equal('service');
  });
});
