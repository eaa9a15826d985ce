import { expect } from 'chai';
import type { Portal } from './portal.js';

/** A user that the portal is configured with. */
export interface User {
  readonly name: string;
  readonly password: string;
}

/** Who somebody is, and what only users may do. */
export function userFacts(portal: () => Portal, ada: User): void {
  const signIn = async (): Promise<string> => {
    const { body } = await portal().ask('POST', '/api/auth/sign-in', { json: ada });
    return (body as { token: string }).token;
  };

  it('gives a guest a token', async () => {
    const { status, body } = await portal().ask('POST', '/api/auth/guest');

    expect(status).to.equal(200);
    expect(body)
      .to.include({ userEntityRef: 'user:default/guest' })
      .and.have.all.keys('token', 'expiresAt', 'userEntityRef');
  });

  it('tells users who they are', async () => {
    expect(await portal().get('/api/auth/v1/userinfo', { token: await signIn() })).to.deep.equal({
      claims: { sub: 'user:default/ada', ent: ['user:default/ada', 'group:default/math'] },
    });
  });

  it('gives nobody a token for a wrong password', async () => {
    const { status, body } = await portal().ask('POST', '/api/auth/sign-in', { json: { ...ada, password: 'wrong' } });

    expect(status).to.equal(401);
    expect(body).to.have.nested.property('error.code', 'wrong_credentials');
  });

  it('registers a location for users, and only for them', async () => {
    const json = { folder: 'samples/backend' };
    const add = (token?: string) =>
      portal().ask('POST', '/api/catalog/locations', { json, ...(token !== undefined && { token }) });

    const nobody = await add();
    const user = await add(await signIn());
    const again = await add(await portal().guestToken());

    expect(nobody.status).to.equal(401);
    expect(nobody.body).to.have.nested.property('error.code', 'missing_credentials');
    expect(user.status).to.equal(201);
    expect(user.body).to.include({ ...json, registeredBy: 'user:default/ada' });
    expect(again.status).to.equal(409);
    expect(again.body)
      .to.have.property('error')
      .that.deep.includes({ code: 'location_exists', details: { id: (user.body as { id: string }).id } });
    expect(await portal().get('/api/catalog/locations'))
      .to.have.property('items')
      .that.deep.includes(user.body);
  });

  it('reads no location outside of the folders that configuration names', async () => {
    const json = { folder: '/etc' };
    const { status, body } = await portal().ask('POST', '/api/catalog/locations', { json, token: await signIn() });

    expect(status).to.equal(422);
    expect(body).to.have.nested.property('error.code', 'location_refused');
    expect(body)
      .to.have.nested.property('error.message')
      .that.matches(
        /^'\/etc' is not among .*: existing folders at or below '.*', as catalog\.descriptors\.folders says$/,
      );
  });

  it('shows users what could not be read', async () => {
    expect(await portal().get('/api/catalog/problems', { token: await signIn() })).to.deep.equal({ items: [] });
  });

  it('knows users in every plugin', async () => {
    const { status, body } = await portal().ask('POST', '/api/search/refresh', { token: await signIn() });
    const { total } = await portal().get<{ total: number }>('/api/catalog/entities');

    expect(status).to.equal(200);
    expect(body).to.deep.equal({ documents: total });
  });

  for (const [plugin, path, method] of [
    ['auth', '/v1/userinfo', 'GET'],
    ['catalog', '/problems', 'GET'],
    ['search', '/refresh', 'POST'],
  ] as const) {
    it(`refuses a token with another signature in plugin ${plugin}`, async () => {
      const token = await signIn();
      const forged = token.slice(0, -4) + (token.endsWith('AAAA') ? 'BBBB' : 'AAAA');

      const { status, body, headers } = await portal().ask(method, `/api/${plugin}${path}`, { token: forged });

      expect(status).to.equal(401);
      expect(body).to.have.nested.property('error.code', 'illegal_token');
      expect(headers.get('www-authenticate')).to.match(/^Bearer/);
    });
  }

  for (const plugin of ['catalog', 'search']) {
    it(`sets a cookie for plugin ${plugin} that scripts do not see, and that opens nothing that does not ask for it`, async () => {
      const path = `/api/${plugin}/.backplane/auth/v1/cookie`;
      const { status, headers } = await portal().ask('GET', path, { token: await signIn() });
      const [cookie = '', ...attributes] = headers.get('set-cookie')!.split('; ');

      const closed = await portal().ask('POST', '/api/search/refresh', { headers: { cookie } });

      expect(status).to.equal(200);
      expect(attributes).to.include.members([`Path=/api/${plugin}`, 'HttpOnly', 'Secure']);
      expect(closed.status).to.equal(401);
    });
  }
}
