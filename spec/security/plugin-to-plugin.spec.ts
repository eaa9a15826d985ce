import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { AuthService, HttpRouterService, Plugin, UserInfoService } from '../../lib/index.js';
import type { JsonObject, JsonValue } from '../../lib/api/config-service.js';
import { AuthPlugin } from './auth-plugin.js';
import { discovering, GuardedBackend, GuardedPlugin } from './guarded-backend.js';

@Plugin({ pluginId: 'caller' })
class CallingPlugin {
  constructor(
    readonly auth: AuthService,
    readonly users: UserInfoService,
    readonly router: HttpRouterService,
  ) {}
}

const external = randomBytes(32).toString('base64url');
const restricted = randomBytes(32).toString('base64url');

/** The same plugins in one backend, or in two that know each other by address. */
async function placed(where: 'one process' | 'two processes') {
  const addresses: Record<string, GuardedBackend> = {};
  const discovery = discovering(
    Object.fromEntries(
      ['a', 'auth', 'caller'].map(id => [id, () => `http://127.0.0.1:${addresses[id]!.port}/api/${id}`]),
    ),
  );
  const entry = (token: string, subject: string) => ({ type: 'static', options: { token, subject } });
  const externalAccess: JsonValue[] = [
    entry(external, 'ci'),
    { ...entry(restricted, 'cd'), accessRestrictions: [{ plugin: 'caller' }, { plugin: 'a', permission: 'a.read' }] },
  ];
  const config: JsonObject = { backend: { auth: { externalAccess } } };
  const start = (...features: never[]) => GuardedBackend.start({ features: [...features, discovery], config });
  const groups =
    where === 'one process'
      ? [[GuardedPlugin, AuthPlugin, CallingPlugin]]
      : [[GuardedPlugin, AuthPlugin], [CallingPlugin]];
  const backends: GuardedBackend[] = [];
  for (const group of groups) backends.push(await start(...(group as never[])));
  const [first, second = first] = backends as [GuardedBackend, GuardedBackend?];
  Object.assign(addresses, { a: first, auth: first, caller: second });
  return {
    a: first,
    caller: second,
    auth: second.backend.get(AuthService, { pluginId: 'caller' }),
    users: second.backend.get(UserInfoService, { pluginId: 'caller' }),
    authPlugin: first.backend.get(AuthPlugin, { pluginId: 'auth' }),
    userToken: async () => ((await first.get('/api/auth/token')).body as { token: string }).token,
    stop: async () => {
      for (const backend of backends) await backend[Symbol.asyncDispose]();
    },
  };
}

for (const where of ['one process', 'two processes'] as const) {
  describe(`A plugin that calls another, in ${where},`, () => {
    let placement: Awaited<ReturnType<typeof placed>>;

    before(async () => {
      placement = await placed(where);
    });

    after(() => placement.stop());

    it('is known as itself', async () => {
      const { a, auth } = placement;
      const onBehalfOf = auth.getOwnServiceCredentials();
      const { token } = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'a' });
      const { status, body } = await a.get('/api/a/services', token);

      expect(status).to.equal(200);
      expect((body as { principal: object }).principal).to.deep.equal({ type: 'service', subject: 'plugin:caller' });
    });

    it('sends a token that says as much as it has to', async () => {
      const { auth } = placement;
      const onBehalfOf = auth.getOwnServiceCredentials();
      const { token } = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'a' });
      const { keys } = await auth.listPublicServiceKeys();

      expect(decodeProtectedHeader(token)).to.deep.equal({
        typ: 'vnd.backplane.plugin',
        alg: 'ES256',
        kid: keys[0]!['kid'],
      });
      const { iat, exp, ...claims } = decodeJwt(token);
      expect(claims).to.deep.equal({ sub: 'caller', aud: 'a' });
      expect(exp! - iat!).to.equal(3_600);
    });

    it('sends the same token as long as it is good, and makes one for many who ask at once', async () => {
      const { auth } = placement;
      const request = { onBehalfOf: auth.getOwnServiceCredentials(), targetPluginId: 'b' };
      const tokens = await Promise.all(Array.from({ length: 10 }, () => auth.getPluginRequestToken(request)));

      expect(new Set([...tokens, await auth.getPluginRequestToken(request)].map(({ token }) => token)).size).to.equal(
        1,
      );
    });

    it('acts for a user, without the token of that user', async () => {
      const { a, auth } = placement;
      const userToken = await placement.userToken();
      const onBehalfOf = await auth.authenticate(userToken);
      const { token } = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'a' });
      const { status, body } = await a.get('/api/a/users', token);

      expect(status).to.equal(200);
      expect((body as { principal: object }).principal).to.deep.equal({
        type: 'user',
        userEntityRef: 'user:default/ada',
        actor: { type: 'service', subject: 'plugin:caller' },
      });
      expect(decodeJwt(token).exp).to.be.at.most(decodeJwt(userToken).exp!);
      expect(token).to.not.include(userToken);
      expect((await a.get('/api/a/users', decodeJwt(token)['obo'] as string)).status).to.equal(401);
    });

    it('passes a user on that another plugin acts for', async () => {
      const { a, auth } = placement;
      const inA = a.backend.get(AuthService, { pluginId: 'a' });
      const onBehalfOf = await auth.authenticate(await placement.userToken());
      const first = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'a' });
      const second = await inA.getPluginRequestToken({
        onBehalfOf: await inA.authenticate(first.token),
        targetPluginId: 'caller',
      });

      const { principal } = await auth.authenticate(second.token);
      expect(principal).to.deep.equal({
        type: 'user',
        userEntityRef: 'user:default/ada',
        actor: { type: 'service', subject: 'plugin:a' },
      });
    });

    it('acts as itself for a program, unless that may go to few plugins only', async () => {
      const { auth } = placement;
      const free = await auth.authenticate(external);
      const bound = await auth.authenticate(restricted);
      const ask = (onBehalfOf: typeof free, targetPluginId: string) =>
        auth.getPluginRequestToken({ onBehalfOf, targetPluginId }).then(
          ({ token }) => decodeJwt(token).sub,
          (error: unknown) => (error as { code: unknown }).code,
        );

      expect(await ask(free, 'a')).to.equal('caller');
      expect(await ask(bound, 'caller')).to.equal('caller');
      expect(await ask(bound, 'auth')).to.equal('restricted_token');
      expect(await ask(bound, 'a')).to.equal('restricted_token');
    });

    it('acts for nobody', async () => {
      const { auth } = placement;
      const onBehalfOf = auth.getNoneCredentials();
      const refused = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'a' }).catch((e: unknown) => e);

      expect(refused).to.include({ status: 401, code: 'missing_credentials' });
    });

    it('S79 has no way to ask for a token in the name of another plugin', async () => {
      const { auth } = placement;
      const request = { onBehalfOf: auth.getOwnServiceCredentials(), targetPluginId: 'a', pluginId: 'a', sub: 'a' };
      const { token } = await auth.getPluginRequestToken(request);

      expect(decodeJwt(token).sub).to.equal('caller');
    });

    it('S80 cannot present the token that it was given to a third', async () => {
      const { a, auth } = placement;
      const inA = a.backend.get(AuthService, { pluginId: 'a' });
      const request = { onBehalfOf: inA.getOwnServiceCredentials(), targetPluginId: 'caller' };
      const { token } = await inA.getPluginRequestToken(request);

      expect((await auth.authenticate(token)).principal).to.include({ subject: 'plugin:a' });
      expect((await a.get('/api/a/services', token)).status).to.equal(401);
    });

    it('knows what a user owns things as from the token, and else asks once for many who ask at once', async () => {
      const { a, auth, users, authPlugin } = placement;
      const direct = await auth.authenticate(await placement.userToken());
      expect(await users.getUserInfo(direct)).to.deep.equal({
        userEntityRef: 'user:default/ada',
        ownershipEntityRefs: ['user:default/ada', 'group:default/math'],
      });
      expect(authPlugin.asked).to.have.lengthOf(0);

      const inA = a.backend.get(AuthService, { pluginId: 'a' });
      const onBehalfOf = await inA.authenticate(await placement.userToken());
      const { token } = await inA.getPluginRequestToken({ onBehalfOf, targetPluginId: 'caller' });
      const indirect = await auth.authenticate(token);
      const infos = await Promise.all([indirect, indirect, indirect].map(given => users.getUserInfo(given)));

      expect(infos[0]!.ownershipEntityRefs).to.deep.equal(['user:default/ada', 'group:default/asked']);
      expect(authPlugin.asked).to.deep.equal(['user:default/ada']);
    });

    it('learns nothing about what is no user', async () => {
      const { auth, users } = placement;
      for (const credentials of [auth.getOwnServiceCredentials(), auth.getNoneCredentials()]) {
        const refused = await users.getUserInfo(credentials).catch((e: unknown) => e);
        expect(refused).to.include({ status: 400 });
      }
    });
  });
}
