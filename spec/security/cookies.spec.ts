import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { Get, Plugin, type PluginContext } from '../../lib/index.js';
import { discovering, GuardedBackend, GuardedPlugin } from './guarded-backend.js';
import { AuthPlugin } from './auth-plugin.js';
import { now, TokenIssuer } from './token-issuer.js';
import type { Answer } from '../services/http/http-fixture.js';

const path = '/api/a/.backplane/auth/v1/cookie';
const baseUrl = 'https://portal.example.com';
const sameOrigin = { origin: baseUrl, 'sec-fetch-site': 'same-origin' };

describe('Cookies of users', () => {
  let server: GuardedBackend;
  let token: string;

  before(async () => {
    server = await GuardedBackend.start({ features: [GuardedPlugin, AuthPlugin], config: { backend: { baseUrl } } });
    token = ((await server.get('/api/auth/token')).body as { token: string }).token;
  });

  after(() => server[Symbol.asyncDispose]());

  function setCookie({ headers }: Answer): string {
    return headers['set-cookie']?.[0] ?? '';
  }

  async function cookie(): Promise<string> {
    return setCookie(await server.get(path, token)).split(';')[0]!;
  }

  it('are given for a user token, and hold a limited one', async () => {
    const answer = await server.get(path, token);

    expect(answer.status).to.equal(200);
    expect(Date.parse((answer.body as { expiresAt: string }).expiresAt)).to.be.within(
      Date.now(),
      Date.now() + 3_600_000,
    );
    expect(setCookie(answer)).to.match(
      /^backplane-auth=eyJ[\w.-]+; Domain=portal\.example\.com; Path=\/api\/a; Expires=[\w:, ]+ GMT; HttpOnly; Secure; SameSite=None; Priority=High$/,
    );
    expect(setCookie(answer)).to.not.include(token);
  });

  it('open what allows them, and nothing else', async () => {
    const headers = { cookie: `a=b; ${await cookie()}; c=d` };
    const { status, body } = await server.get('/api/a/pages', undefined, headers);

    expect(status).to.equal(200);
    expect((body as { principal: object }).principal).to.deep.equal({
      type: 'user',
      userEntityRef: 'user:default/ada',
    });
    expect((await server.get('/api/a/users', undefined, headers)).status).to.equal(401);
    expect((await server.get('/api/a/undeclared', undefined, headers)).status).to.equal(401);
    expect((await server.get(path, undefined, headers)).status).to.equal(401);
  });

  it('count for less than a token in the header', async () => {
    const headers = { cookie: await cookie() };

    expect((await server.get('/api/a/pages', 'garbage', headers)).status).to.equal(401);
    expect((await server.get('/api/a/pages', token)).status).to.equal(200);
  });

  it('are refused where two name different tokens: another host of the same domain may have set one of them', async () => {
    const own = await cookie();
    const other = ((await server.get('/api/auth/token?user=bob')).body as { token: string }).token;
    const status = async (both: string) => (await server.get('/api/a/pages', undefined, { cookie: both })).status;

    expect(await status(`${own}; backplane-auth=${other}`)).to.equal(401);
    expect(await status(`backplane-auth=${other}; ${own}`)).to.equal(401);
    expect(setCookie(await server.get(path, token, { cookie: `${own}; backplane-auth=${other}` }))).to.match(/=eyJ/);
    expect(await status(`${own}; a=b; ${own}`)).to.equal(200);
  });

  for (const name of [
    'backplane-auth2',
    'xbackplane-auth',
    '__Host-backplane-auth',
    'Backplane-Auth',
    'backplane%2Dauth',
  ]) {
    it(`are not those of another name, as ${name}`, async () => {
      const [, value] = (await cookie()).split('=') as [string, string];

      expect((await server.get('/api/a/pages', undefined, { cookie: `${name}=${value}` })).status).to.equal(401);
      expect(
        (await server.get('/api/a/pages', undefined, { cookie: `${name}=x; backplane-auth=${value}` })).status,
      ).to.equal(200);
    });
  }

  it('hold nothing else: the whole token in a cookie is good only where cookies are', async () => {
    const headers = { cookie: `backplane-auth=${token}` };

    expect((await server.get('/api/a/users', undefined, headers)).status).to.equal(401);
  });

  const refused: Readonly<Record<string, Record<string, string>>> = {
    'without a word about where it comes from': {},
    'from a foreign page': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    'from a foreign page of an old browser': { origin: 'https://evil.example' },
    'from an own page of an old browser': { origin: baseUrl },
    'from a page of the same site': { origin: 'https://other.example.com', 'sec-fetch-site': 'same-site' },
    'from a page that says it is the same origin and is not': {
      origin: 'https://evil.example',
      'sec-fetch-site': 'same-origin',
    },
    'from a page without an origin': { origin: 'null', 'sec-fetch-site': 'same-origin' },
    'from the same host without TLS': { origin: 'http://portal.example.com', 'sec-fetch-site': 'same-origin' },
    'that the user typed': { 'sec-fetch-site': 'none' },
  };

  for (const [what, headers] of Object.entries(refused)) {
    it(`S83 do not open a POST ${what}`, async () => {
      const { status, text } = await server.send('POST', '/api/a/pages', undefined, {
        ...headers,
        cookie: await cookie(),
      });

      expect([status, JSON.parse(text).error.code]).to.deep.equal([403, 'foreign_origin']);
    });
  }

  it('S83 open a POST from a page of the same origin', async () => {
    const headers = { ...sameOrigin, cookie: await cookie() };

    expect((await server.send('POST', '/api/a/pages', undefined, headers)).status).to.equal(200);
  });

  it('S83 are not what a POST with a token in its header is judged by', async () => {
    const headers = { origin: 'https://evil.example', cookie: await cookie() };

    expect((await server.send('POST', '/api/a/pages', token, headers)).status).to.equal(200);
  });

  it('are kept while they are good for more than five minutes, and replaced where they are another user’s', async () => {
    const kept = await server.get(path, token, { cookie: await cookie() });
    const other = ((await server.get('/api/auth/token?user=bob')).body as { token: string }).token;
    const replaced = await server.get(path, other, { cookie: await cookie() });
    const broken = await server.get(path, token, { cookie: 'backplane-auth=garbage' });

    expect([kept.status, setCookie(kept)]).to.deep.equal([200, '']);
    expect(setCookie(replaced)).to.match(/^backplane-auth=eyJ/);
    expect(setCookie(broken)).to.match(/^backplane-auth=eyJ/);
  });

  it('are not what programs come with, also where these may come', async () => {
    @Plugin({ pluginId: 'b' })
    class MixedPlugin {
      @Get('/mixed', { allow: ['service', 'user-cookie'] })
      mixed({ credentials }: PluginContext): unknown {
        return credentials;
      }
    }
    const program = randomBytes(32).toString('base64url');
    await using mixed = await GuardedBackend.start({
      features: [MixedPlugin],
      config: {
        backend: {
          auth: { externalAccess: [{ type: 'static', options: { token: program, subject: 'ci' } }] },
        },
      },
    });

    const inHeader = await mixed.get('/api/b/mixed', program);
    const inCookie = await mixed.get('/api/b/mixed', undefined, { cookie: `backplane-auth=${program}` });

    expect([inHeader.status, inCookie.status]).to.deep.equal([200, 401]);
  });

  it('are taken away by DELETE', async () => {
    const answer = await server.send('DELETE', path);

    expect(answer.status).to.equal(204);
    expect(setCookie(answer)).to.match(/^backplane-auth=; .*Expires=Thu, 01 Jan 1970 00:00:00 GMT/);
    expect((await server.send('POST', path)).status).to.equal(405);
  });

  it('are not given to services or to nobody', async () => {
    expect((await server.get(path)).status).to.equal(401);
  });

  it('are not given for a user token that carries no proof', async () => {
    await using auth = await TokenIssuer.start();
    await using other = await GuardedBackend.start({
      features: [GuardedPlugin, discovering({ auth: () => auth.url })],
      config: { discovery: { endpoints: [{ target: auth.url, plugins: ['auth'] }] } },
    });

    expect((await other.get(path, await auth.userToken())).status).to.equal(401);
    expect((await other.get(path, await auth.userToken({ uip: 'forged' }))).status).to.equal(200);
    const forged = setCookie(await other.get(path, await auth.userToken({ uip: 'forged', iat: now() - 1 }))).split(
      ';',
    )[0]!;
    expect((await other.get('/api/a/pages', undefined, { cookie: forged })).status).to.equal(401);
  });

  it('name the host of the address where no base URL is known, and are not secure there', async () => {
    await using plain = await GuardedBackend.start({ features: [GuardedPlugin, AuthPlugin] });
    const own = ((await plain.get('/api/auth/token')).body as { token: string }).token;

    expect(setCookie(await plain.get(path, own))).to.match(
      /; Domain=127\.0\.0\.1; Path=\/api\/a; .*HttpOnly; SameSite=Lax;/,
    );
  });
});
