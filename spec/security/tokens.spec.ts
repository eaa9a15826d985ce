import { expect } from 'chai';
import { CompactEncrypt, SignJWT, UnsecuredJWT, exportSPKI, importJWK, type CryptoKey, type JWTPayload } from 'jose';
import { discovering, GuardedBackend, GuardedPlugin } from './guarded-backend.js';
import { now, TokenIssuer } from './token-issuer.js';
import type { Answer } from '../services/http/http-fixture.js';

describe('Tokens', () => {
  let remote: TokenIssuer;
  let auth: TokenIssuer;
  let server: GuardedBackend;

  before(async () => {
    remote = await TokenIssuer.start();
    auth = await TokenIssuer.start();
    server = await GuardedBackend.start({
      features: [GuardedPlugin, discovering({ remote: () => remote.url, auth: () => auth.url })],
    });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await remote[Symbol.asyncDispose]();
    await auth[Symbol.asyncDispose]();
  });

  function expectRefused(answer: Answer, code = 'illegal_token'): void {
    expect([answer.status, (answer.body as { error?: { code?: string } }).error?.code]).to.deep.equal([401, code]);
    expect(answer.headers['www-authenticate']).to.equal('Bearer');
    expect(answer.headers['cache-control']).to.equal('no-store');
  }

  it('of a plugin are good for a route that says nothing, and tell which plugin', async () => {
    const { status, body } = await server.get('/api/a/undeclared', await remote.pluginToken());

    expect(status).to.equal(200);
    expect(body).to.have.property('principal').that.deep.equals({ type: 'service', subject: 'plugin:remote' });
  });

  it('of a user are good for a route that says nothing, and tell which user', async () => {
    const { status, body } = await server.get('/api/a/undeclared', await auth.userToken());

    expect(status).to.equal(200);
    expect(body).to.have.property('principal').that.deep.equals({ type: 'user', userEntityRef: 'user:default/ada' });
  });

  it('S62 are asked for by a route that says nothing', async () => {
    expectRefused(await server.get('/api/a/undeclared'), 'missing_credentials');
  });

  it('are recognised on an open route, and refused there where they are bad', async () => {
    const known = await server.get('/api/a/open', await remote.pluginToken());

    expect((known.body as { principal: object }).principal).to.have.property('subject', 'plugin:remote');
    expect((await server.get('/api/a/open')).body).to.deep.equal({ principal: { type: 'none' } });
    expectRefused(await server.get('/api/a/open', 'garbage'));
  });

  it('that are good and of another kind are refused with 403', async () => {
    expect((await server.get('/api/a/users', await remote.pluginToken())).status).to.equal(403);
    expect((await server.get('/api/a/services', await auth.userToken())).status).to.equal(403);
    expect((await server.get('/api/a/services', await remote.pluginToken())).status).to.equal(200);
    expect((await server.get('/api/a/users', await auth.userToken())).status).to.equal(200);
  });

  it('in another scheme, or in a header without a token, are none', async () => {
    for (const authorization of ['Basic YWRhOnNlY3JldA==', 'Digest a=b', '']) {
      expectRefused(await server.get('/api/a/users', undefined, { authorization }), 'missing_credentials');
    }
    for (const authorization of ['Bearer', 'Bearer ', 'bearer x', 'Bearer a b', 'BEARER ..']) {
      expectRefused(await server.get('/api/a/users', undefined, { authorization }));
    }
  });

  it('may come in a scheme of any case', async () => {
    const authorization = `bEARER   ${await auth.userToken()}`;

    expect((await server.get('/api/a/users', undefined, { authorization })).status).to.equal(200);
  });

  const forged: Readonly<Record<string, () => Promise<string> | string>> = {
    'S64 with HS256 and the public key as the secret': async () => {
      const key = (await importJWK(remote.publicJwk, 'ES256', { extractable: true })) as CryptoKey;
      const secret = new TextEncoder().encode(await exportSPKI(key));
      const header = { alg: 'HS256', kid: remote.publicJwk.kid, typ: 'vnd.backplane.plugin' };
      return new SignJWT({ sub: 'remote', aud: 'a', iat: now(), exp: now() + 60 })
        .setProtectedHeader(header)
        .sign(secret);
    },
    'S64 with alg none': () =>
      parts(new UnsecuredJWT({ sub: 'remote', aud: 'a', iat: now(), exp: now() + 60 }).encode(), {
        alg: 'none',
        typ: 'vnd.backplane.plugin',
      }),
    'S64 with alg nOnE and a signature': async () =>
      parts(await remote.pluginToken(), { alg: 'nOnE', typ: 'vnd.backplane.plugin', kid: remote.publicJwk.kid }),
    'S65 with an array as its payload': () => signedPayload('["remote"]'),
    'S65 with null as its payload': () => signedPayload('null'),
    'S65 with a string as its payload': () => signedPayload('"remote"'),
    'S65 with no JSON as its payload': () => signedPayload('remote'),
    'S67 with two audiences': () => remote.pluginToken({ aud: ['x', 'a'] }),
    'S67 with one audience in an array': () => remote.pluginToken({ aud: ['a'] }),
    'S67 without an audience': () => remote.pluginToken({ aud: undefined }),
    'S67 with an audience that begins alike': () => remote.pluginToken({ aud: 'a-b' }),
    'S68 without exp': () => remote.pluginToken({ exp: undefined }),
    'S68 expired': () => remote.pluginToken({ iat: now() - 700, exp: now() - 60 }),
    'S68 with exp as a string': () => remote.pluginToken({ exp: String(now() + 60) as never }),
    'S68 with nbf ahead': () => remote.pluginToken({ nbf: now() + 600 }),
    'S68 with iat ahead': () => remote.pluginToken({ iat: now() + 600, exp: now() + 1_200 }),
    'S68 without iat': () => remote.pluginToken({ iat: undefined }),
    'S68 older than an hour, although it says that it is good': () =>
      remote.pluginToken({ iat: now() - 3_700, exp: now() + 3_600 }),
    'S70 expired 31 s ago': () => remote.pluginToken({ iat: now() - 600, exp: now() - 31 }),
    'S71 with typ JWT': () => remote.pluginToken({}, { typ: 'JWT' }),
    'S71 without typ': () => remote.pluginToken({}, { typ: undefined as never }),
    'S71 with typ in another case': () => remote.pluginToken({}, { typ: 'VND.backplane.plugin' }),
    'S71 with typ as a media type': () => remote.pluginToken({}, { typ: 'application/vnd.backplane.plugin' }),
    'S71 of a user, signed by a plugin that is not auth': () => remote.userToken(),
    'S71 of a plugin, signed with the keys of users': () => auth.pluginToken({ sub: 'remote' }),
    'S71 of a user that says it is a plugin’s': () => auth.userToken({}, { typ: 'vnd.backplane.plugin' }),
    'S73 with crit': () => crit(remote),
    'S73 with b64 false': () => {
      const header = { alg: 'ES256', kid: remote.publicJwk.kid, typ: 'vnd.backplane.plugin', b64: false };
      return signedHeader(remote, header);
    },
    'S73 encrypted': () =>
      new CompactEncrypt(new TextEncoder().encode('{"sub":"remote"}'))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'vnd.backplane.plugin' })
        .encrypt(new Uint8Array(32)),
    'S73 of two parts': async () => (await remote.pluginToken()).split('.').slice(0, 2).join('.'),
    'S73 of five parts': async () => `${await remote.pluginToken()}.a.b`,
    'S73 with alg as an array': async () =>
      parts(await remote.pluginToken(), { alg: ['ES256'], kid: remote.publicJwk.kid, typ: 'vnd.backplane.plugin' }),
    'with a key of its own in the header': () => remote.pluginToken({}, { jwk: remote.publicJwk }),
    'with the address of keys in the header': () => remote.pluginToken({}, { jku: 'http://127.0.0.1:1/keys' }),
    'without kid': () => remote.pluginToken({}, { kid: undefined as never }),
    'with another signature': async () => (await remote.pluginToken()).replace(/.{6}$/, 'AAAAAA'),
    'with a sub that is no id': () => remote.pluginToken({ sub: '../remote' }),
    'with a sub in upper case': () => remote.pluginToken({ sub: 'Remote' }),
    'with a sub that is an address': () => remote.pluginToken({ sub: remote.url }),
    'S80 that was made for another plugin': () => remote.pluginToken({ aud: 'b' }),
    'of a user that is no reference': () => auth.userToken({ sub: 'ada' }),
    'limited, where the route does not allow cookies': () => auth.userToken({}, { typ: 'vnd.backplane.limited-user' }),
    'on behalf of nobody it can prove': () => remote.pluginToken({ obo: 'user:default/ada' }),
    'on behalf of a user, by a token that it has signed itself': async () =>
      remote.pluginToken({ obo: await remote.userToken({}, { typ: 'vnd.backplane.limited-user' }) }),
    'on behalf of a user, by the whole token of that user': async () =>
      remote.pluginToken({ obo: await auth.userToken() }),
    'of 20 KB': async () => `${'e'.repeat(15_000)}.e.e`,
  };

  for (const [what, make] of Object.entries(forged)) {
    it(`${what} are refused`, async () => {
      expectRefused(await server.get('/api/a/undeclared', await make()));
    });
  }

  it('S70 expired 29 s ago are still good, for clocks may differ', async () => {
    const token = await remote.pluginToken({ iat: now() - 600, exp: now() - 29 });

    expect((await server.get('/api/a/undeclared', token)).status).to.equal(200);
  });

  it('on behalf of a user tell the user, and who acts', async () => {
    const obo = await auth.userToken({}, { typ: 'vnd.backplane.limited-user' });
    const { body } = await server.get('/api/a/users', await remote.pluginToken({ obo }));

    const actor = { type: 'service', subject: 'plugin:remote' };
    expect((body as { principal: object }).principal).to.deep.equal({
      type: 'user',
      userEntityRef: 'user:default/ada',
      actor,
    });
  });

  it('S74 with unknown keys are answered without asking for keys again and again', async () => {
    const before = remote.asked.length;
    for (let i = 0; i < 200; i++) {
      expectRefused(await server.get('/api/a/undeclared', await remote.pluginToken({}, { kid: `unknown-${i}` })));
    }

    expect(remote.asked.length - before).to.be.at.most(1);
    expect((await server.get('/api/a/undeclared', await remote.pluginToken())).status).to.equal(200);
  });

  it('S76 of plugins that nobody runs cost no request and no memory', async function () {
    this.timeout(120_000);
    const before = [remote.asked.length, auth.asked.length];
    const [head = '', , signature = ''] = (await remote.pluginToken()).split('.');
    const forge = (sub: string): string => {
      const claims = Buffer.from(JSON.stringify({ sub, aud: 'a', iat: now(), exp: now() + 60 })).toString('base64url');
      return `${head}.${claims}.${signature}`;
    };
    const ask = async (round: string, count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const { status } = await server.backend.request.get('/api/a/undeclared', {
          headers: { authorization: `Bearer ${forge(`${round}${i}`)}` },
        });
        expect(status).to.equal(401);
      }
    };
    await ask('warm', 1_000);
    const memory = await heap();
    await ask('unknown', 10_000);

    expect((await heap()) - memory).to.be.below(1_500_000);
    expect([remote.asked.length, auth.asked.length]).to.deep.equal(before);
  });

  it('S82 in a query count for nothing', async () => {
    const token = await auth.userToken();
    for (const name of ['token', 'access_token', 'authorization', 'bearer']) {
      expectRefused(await server.get(`/api/a/users?${name}=${token}`), 'missing_credentials');
    }
  });

  it('S82 in a cookie count for nothing where the route does not say so', async () => {
    const token = await auth.userToken({}, { typ: 'vnd.backplane.limited-user' });
    for (const path of ['users', 'undeclared']) {
      const answer = await server.get(`/api/a/${path}`, undefined, { cookie: `backplane-auth=${token}` });
      expectRefused(answer, 'missing_credentials');
    }
    const open = await server.get('/api/a/open', undefined, { cookie: `backplane-auth=${token}` });
    expect(open.body).to.deep.equal({ principal: { type: 'none' } });
  });

  async function signedPayload(payload: string): Promise<string> {
    return signedHeader(remote, { alg: 'ES256', kid: remote.publicJwk.kid, typ: 'vnd.backplane.plugin' }, payload);
  }
});

/** Signs any header and any payload, as no library would. */
async function signedHeader(issuer: TokenIssuer, header: object, payload?: string): Promise<string> {
  const claims: JWTPayload = { sub: 'remote', aud: 'a', iat: now(), exp: now() + 60 };
  const text = `${encoded(JSON.stringify(header))}.${encoded(payload ?? JSON.stringify(claims))}`;
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, issuer.privateKey, Buffer.from(text));
  return `${text}.${Buffer.from(signature).toString('base64url')}`;
}

function crit(issuer: TokenIssuer): Promise<string> {
  const header = { alg: 'ES256', kid: issuer.publicJwk.kid, typ: 'vnd.backplane.plugin', crit: ['urn:x'], 'urn:x': 1 };
  return signedHeader(issuer, header);
}

/** The same token under another header. */
function parts(token: string, header: object): string {
  const [, claims, signature] = token.split('.');
  return `${encoded(JSON.stringify(header))}.${claims}.${signature || 'AAAA'}`;
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** What is in use once all is collected that can be. */
async function heap(): Promise<number> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 4; i++) {
    await new Promise(resolve => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
}
