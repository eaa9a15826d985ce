import type { Session } from '@inventory/plugin-auth-common';
import { Get, Plugin, RootHttpRouterService, UserInfoService, WireService, type PluginContext } from 'backplane';
import { TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { AuthPlugin } from './auth-plugin.js';
import { hashPassword } from './password-hash.js';

const password = 'correct horse battery staple';

/** Answers what it knows of its caller. */
@Plugin({ pluginId: 'mirror' })
class MirrorPlugin {
  constructor(private readonly users: UserInfoService) {}

  @Get('/me', { allow: ['user'] })
  me({ credentials }: PluginContext): unknown {
    return this.users.getUserInfo(credentials);
  }
}

/** Asks `mirror` on behalf of its own caller. */
@Plugin({ pluginId: 'relay' })
class RelayPlugin {
  constructor(private readonly wire: WireService) {}

  @Get('/me', { allow: ['user'] })
  async me(ctx: PluginContext): Promise<unknown> {
    const answer = await this.wire.fetch('plugin://mirror/me', { call: ctx });
    return answer.json();
  }
}

describe('plugin auth', () => {
  let backend: TestBackend;

  before(async () => {
    const passwordHash = await hashPassword(password);
    const ada = { name: 'ada', passwordHash, groups: ['group:default/math'] };
    backend = await TestBackend.start({
      features: [AuthPlugin, MirrorPlugin, RelayPlugin],
      config: { auth: { guests: true, users: [ada] } },
    });
  });

  after(() => backend.stop());

  const signIn = (body: object) => backend.request.post('/api/auth/sign-in', { body });
  const asAda = async () => {
    const { body } = await signIn({ name: 'ada', password });
    return { headers: { authorization: `Bearer ${(body as Session).token}` } };
  };

  it('gives a user with the right password a token', async () => {
    const { status, body } = await signIn({ name: 'ada', password });

    expect(status).to.equal(200);
    expect(body).to.have.property('userEntityRef', 'user:default/ada');
    expect(Date.parse((body as Session).expiresAt)).to.be.closeTo(Date.now() + 3_600_000, 10_000);
  });

  for (const [what, body] of [
    ['a wrong password', { name: 'ada', password: 'wrong' }],
    ['a user nobody knows', { name: 'nobody', password }],
    ['the name of the guests', { name: 'guest', password }],
  ] as const) {
    it(`answers ${what} with 401, and the same words`, async () => {
      const answer = await signIn(body);

      expect(answer.status).to.equal(401);
      expect(answer.body).to.have.property('error').that.deep.equals({
        code: 'wrong_credentials',
        message: 'The name or the password is wrong',
      });
    });
  }

  it('takes as long for a user nobody knows as for a wrong password', async () => {
    const medianOf = async (name: string): Promise<number> => {
      const durations: number[] = [];
      for (let n = 0; n < 5; n++) {
        const begin = performance.now();
        await signIn({ name, password: 'wrong' });
        durations.push(performance.now() - begin);
      }
      return durations.toSorted((a, b) => a - b)[2]!;
    };
    await medianOf('ada');

    expect((await medianOf('nobody')) / (await medianOf('ada'))).to.be.within(0.4, 2.5);
  });

  it('S91: lets nobody guess on from one address, and everybody in from another', async () => {
    const passwordHash = await hashPassword(password);
    await using limited = await TestBackend.start({
      features: [AuthPlugin],
      config: {
        auth: { users: [{ name: 'ada', passwordHash }] },
        // As in the portal, but for the proxy that says who asks.
        backend: {
          listen: { host: '127.0.0.1', port: 0 },
          trustProxy: 'loopback',
          rateLimit: {
            global: false,
            plugin: { auth: { incomingRequestLimit: 20, window: '1m', skipSuccessfulRequests: true } },
          },
        },
      },
    });
    const url = `http://127.0.0.1:${limited.get(RootHttpRouterService).address!.port}/api/auth/sign-in`;
    const from = (address: string, tried: string) =>
      fetch(url, {
        method: 'POST',
        headers: { 'x-forwarded-for': address, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'ada', password: tried }),
      });

    const guesses = await Promise.all(Array.from({ length: 100 }, (_, n) => from('192.0.2.1', `guess ${n}`)));
    const late = await from('192.0.2.1', password);
    const elsewhere = await from('192.0.2.2', password);

    expect(guesses.filter(({ status }) => status === 401)).to.have.lengthOf(20);
    expect(guesses.filter(({ status }) => status === 429)).to.have.lengthOf(80);
    expect(late.status).to.equal(429);
    expect(Number(late.headers.get('retry-after'))).to.be.within(1, 60);
    expect(elsewhere.status).to.equal(200);
  });

  it('gives guests a token, where configuration lets them in', async () => {
    await using closed = await TestBackend.start({ features: [AuthPlugin] });

    const welcome = await backend.request.post('/api/auth/guest');
    const refused = await closed.request.post('/api/auth/guest');

    expect(welcome.body).to.have.property('userEntityRef', 'user:default/guest');
    expect(refused.status).to.equal(403);
    expect(refused.body).to.have.nested.property('error.code', 'guests_refused');
  });

  it('issues tokens that say what the user owns things as', async () => {
    const { body } = await backend.request.get('/api/mirror/me', await asAda());

    expect(body).to.deep.equal({
      userEntityRef: 'user:default/ada',
      ownershipEntityRefs: ['user:default/ada', 'group:default/math'],
    });
  });

  it('tells that also a plugin that is called by another one on behalf of the user', async () => {
    const { body } = await backend.request.get('/api/relay/me', await asAda());

    expect(body).to.deep.equal({
      userEntityRef: 'user:default/ada',
      ownershipEntityRefs: ['user:default/ada', 'group:default/math'],
    });
  });

  it('tells a user who it is', async () => {
    const { body } = await backend.request.get('/api/auth/v1/userinfo', await asAda());

    expect(body).to.deep.equal({
      claims: { sub: 'user:default/ada', ent: ['user:default/ada', 'group:default/math'] },
    });
  });

  for (const [what, user] of [
    ['a password that is not hashed', { name: 'ada', passwordHash: password }],
    [
      'a user that is called as guests are',
      { name: 'guest', passwordHash: `scrypt:${'a'.repeat(22)}:${'a'.repeat(43)}` },
    ],
  ] as const) {
    it(`does not start with ${what}`, async () => {
      const failure = await TestBackend.start({ features: [AuthPlugin], config: { auth: { users: [user] } } }).catch(
        (error: unknown) => error,
      );

      expect(failure).to.have.nested.property('problems[0].code', 'INVALID_CONFIG');
      expect((failure as Error).message).not.to.include(password);
    });
  }
});
