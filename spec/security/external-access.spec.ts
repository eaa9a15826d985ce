import { expect } from 'chai';
import crypto, { randomBytes } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { SignJWT } from 'jose';
import { type Config, ExternalTokenHandler, Plugin, Service } from '../../lib/index.js';
import type { JsonObject, JsonValue } from '../../lib/api/config-service.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { TestBackend } from '../../lib/testing/index.js';
import { GuardedBackend, GuardedPlugin } from './guarded-backend.js';
import { now, TokenIssuer } from './token-issuer.js';

const token = randomBytes(32).toString('base64url');
const secret = randomBytes(32).toString('base64');

function configured(...externalAccess: JsonValue[]): JsonObject {
  return { backend: { auth: { externalAccess } } };
}

const program = { type: 'static', options: { token, subject: 'ci' } };

@Plugin({ pluginId: 'b' })
class OtherPlugin {}

describe('External access', () => {
  it('lets a program in by its static token', async () => {
    await using server = await GuardedBackend.start({ features: [GuardedPlugin], config: configured(program) });
    const { status, body } = await server.get('/api/a/undeclared', token);

    expect(status).to.equal(200);
    expect(body).to.deep.equal({ principal: { type: 'service', subject: 'external:ci' } });
  });

  it('S85 refuses what is almost the token, and does not remember it', async () => {
    await using server = await GuardedBackend.start({ features: [GuardedPlugin], config: configured(program) });
    const other = (character: string) => (character === 'A' ? 'B' : 'A');
    const wrong = [
      other(token[0]!) + token.slice(1),
      token.slice(0, -1) + other(token.at(-1)!),
      token.slice(1),
      `${token}A`,
      token.toUpperCase(),
      token + token,
    ];
    for (const almost of wrong) expect((await server.get('/api/a/undeclared', almost)).status).to.equal(401);
  });

  it('S85 compares what it is sent in constant time, as hashes, whatever the token and wherever it is wrong', async () => {
    const tokens = await knowing(token);
    const compared: (readonly [ArrayBufferView, ArrayBufferView])[] = [];
    const restore = watchingComparisons((a, b) => compared.push([a, b]));

    try {
      for (const text of [`!${token.slice(1)}`, `${token.slice(0, -1)}!`, token.slice(1), `${token}A`, '', token]) {
        await tokens.verify(text, undefined);
      }
    } finally {
      restore();
    }

    // One comparison each, of 32 bytes that are none of the token's.
    expect(compared.map(pair => pair.map(({ byteLength }) => byteLength))).to.deep.equal(
      Array.from({ length: 6 }, () => [32, 32]),
    );
    const texts = compared.flatMap(pair => pair.map(view => Buffer.from(view.buffer, view.byteOffset, 32).toString()));
    expect(texts.filter(text => token.startsWith(text.slice(0, 8)))).to.deep.equal([]);
  });

  it('S85 takes as long for a token that is wrong in its first character as in its last', async function () {
    this.timeout(60_000);
    const tokens = await knowing(token);
    const inTurn = (text: string): unknown => {
      let at = 0;
      while (at < token.length && text[at] === token[at]) at++;
      return at === token.length;
    };

    // Where neither takes longer, each round is as likely to say so of one as of the other, and all agree once in a
    // million runs. The last line is what the same rounds say of a comparison that ends where the texts begin to differ.
    expect(await slowerInTheEnd(text => tokens.verify(text, undefined))).to.be.within(1, rounds - 1);
    expect(await slowerInTheEnd(inTurn)).to.equal(rounds);
  });

  const weak: Readonly<Record<string, string>> = {
    'of 31 characters': randomBytes(24).toString('base64url').slice(0, 31),
    'that is a word everybody knows': `changeme-${'0a1b2c3d4e5f6'.repeat(3)}`,
    'that repeats one character': 'x'.repeat(64),
    'with a blank': `${token} ${token}`,
  };

  for (const [what, text] of Object.entries(weak)) {
    it(`S86 refuses to start with a token ${what}, and does not repeat it`, async () => {
      const options = { token: text, subject: 'ci' };
      const error = await failure(configured({ type: 'static', options }));

      expect(error.problems.map(({ code }) => code)).to.deep.equal(['INVALID_CONFIG']);
      expect(error.message).to.include('backend.auth.externalAccess[0].options.token');
      expect(error.message).to.not.include(text);
    });
  }

  const wrong: Readonly<Record<string, readonly [JsonValue, at: string]>> = {
    'without a type': [{ options: { token, subject: 'ci' } }, '[0].type'],
    'without a subject': [{ type: 'static', options: { token } }, '[0].options.subject'],
    'with a subject that has a blank': [{ type: 'static', options: { token, subject: 'c i' } }, '[0].options.subject'],
    'with a key that nobody knows': [{ ...program, restrictions: [] }, '[0].restrictions'],
    'with an option that nobody knows': [{ type: 'static', options: { token, subject: 'ci', x: 1 } }, '.options.x'],
    'with an empty list of plugins': [{ ...program, accessRestrictions: [] }, '[0].accessRestrictions'],
    'with a restriction without a plugin': [
      { ...program, accessRestrictions: [{}] },
      '[0].accessRestrictions[0].plugin',
    ],
    'with a restriction that is misspelt': [
      { ...program, accessRestrictions: [{ plugin: 'a', permisssion: 'x' }] },
      '[0].accessRestrictions[0].permisssion',
    ],
    'with a plugin named twice': [
      { ...program, accessRestrictions: [{ plugin: 'a' }, { plugin: 'a' }] },
      '[0].accessRestrictions[1].plugin',
    ],
    'with an action that is none': [
      { ...program, accessRestrictions: [{ plugin: 'a', permissionAttribute: { action: 'destroy' } }] },
      '.permissionAttribute.action',
    ],
    'with an address that is none': [{ type: 'jwks', options: { url: 'file:///etc/passwd' } }, '.options.url'],
    'with a symmetric algorithm for published keys': [
      { type: 'jwks', options: { url: 'https://example.com/keys', algorithm: 'HS256' } },
      '.options.algorithm',
    ],
    'with a secret that is too short': [
      { type: 'legacy', options: { secret: 'c2hvcnQ', subject: 'old' } },
      '.options.secret',
    ],
  };

  for (const [what, [entry, at]] of Object.entries(wrong)) {
    it(`refuses to start with an entry ${what}`, async () => {
      const { problems, message } = await failure(configured(entry));

      expect(problems[0]!.code).to.match(/^(?:INVALID|MISSING)_CONFIG$/);
      expect(message).to.include(at);
    });
  }

  it('reports all entries that are wrong at once', async () => {
    const short = { type: 'static', options: { token: 'short', subject: 'c i', x: 1 } };
    const twice = { ...program, accessRestrictions: [{ plugin: 'A' }, { plugin: 'b' }, { plugin: 'b' }] };

    expect((await failure(configured(short, twice, short))).problems).to.have.lengthOf(8);
  });

  it('is refused with 403 where its token is for other plugins', async () => {
    const restricted = { ...program, accessRestrictions: [{ plugin: 'b' }] };
    const features = [GuardedPlugin, OtherPlugin];
    await using server = await GuardedBackend.start({ features, config: configured(restricted) });
    const { status, text } = await server.get('/api/a/undeclared', token);

    expect(status).to.equal(403);
    expect(text).to.include('restricted_token').and.not.include(`'b'`);
  });

  it('tells a plugin how its caller is restricted', async () => {
    const restriction = { plugin: 'a', permission: 'x.read, x.write', permissionAttribute: { action: ['read'] } };
    const restricted = { ...program, accessRestrictions: [restriction] };
    await using server = await GuardedBackend.start({ features: [GuardedPlugin], config: configured(restricted) });
    const { body } = await server.get('/api/a/undeclared', token);

    expect(body).to.deep.equal({
      principal: {
        type: 'service',
        subject: 'external:ci',
        accessRestrictions: [{ plugin: 'a', permissions: ['x.read', 'x.write'], actions: ['read'] }],
      },
    });
  });

  it('takes tokens of another issuer, by the keys that it publishes', async () => {
    await using issuer = await TokenIssuer.start();
    const options = { url: `${issuer.url}/keys`, issuer: 'https://ci', audience: 'portal', subjectPrefix: 'ci' };
    await using server = await GuardedBackend.start({
      features: [GuardedPlugin],
      config: configured({ type: 'jwks', options }),
    });
    const claims = { sub: 'job', iss: 'https://ci', aud: 'portal', exp: now() + 60 };
    const status = async (changed: object, header = {}) =>
      (await server.get('/api/a/undeclared', await issuer.sign({ ...claims, ...changed }, header))).status;

    const { body } = await server.get('/api/a/undeclared', await issuer.sign(claims));
    expect((body as { principal: object }).principal).to.deep.equal({ type: 'service', subject: 'external:ci:job' });
    expect(await status({ iss: 'https://other' })).to.equal(401);
    expect(await status({ aud: 'other' })).to.equal(401);
    expect(await status({ exp: now() - 60 })).to.equal(401);
    expect(await status({ exp: undefined })).to.equal(401);
    expect(await status({}, { kid: 'unknown' })).to.equal(401);
    expect(await status({}, { typ: 'vnd.backplane.user' })).to.equal(401);
    // The second time for the unknown key.
    expect(issuer.asked).to.deep.equal(['/keys', '/keys']);
  });

  it('takes such a token whatever others have said of its key, where the issuer does not say what that is for', async () => {
    for (const [alg, others] of [
      ['RS256', ['PS256', 'ES256', 'EdDSA']],
      ['ES256', ['ES384', 'RS256']],
    ] as const) {
      await using issuer = await TokenIssuer.start(alg);
      const { alg: _, ...jwk } = issuer.publicJwk;
      issuer.answer = issuer.publishing({ keys: [jwk] });
      const options = { url: `${issuer.url}/keys`, algorithm: [alg, ...others] };
      await using server = await GuardedBackend.start({
        features: [GuardedPlugin],
        config: configured({ type: 'jwks', options }),
      });
      const good = await issuer.sign({ sub: 'job', exp: now() + 60 });

      for (const other of others) {
        const [, claims, signature] = good.split('.');
        const header = Buffer.from(JSON.stringify({ alg: other, kid: jwk.kid })).toString('base64url');
        expect((await server.get('/api/a/undeclared', `${header}.${claims}.${signature}`)).status).to.equal(401);
      }
      expect((await server.get('/api/a/undeclared', good)).status).to.equal(200);
    }
  });

  it('refuses tokens whose key only looks like one', async () => {
    await using issuer = await TokenIssuer.start();
    const { kid, x, y } = issuer.publicJwk;
    for (const key of [
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
      { kty: 'EC', crv: 'P-256', x: 5, y: {} },
      { kty: 'EC', crv: 'P-999', x, y },
      { kty: 'EC', crv: 'P-256', x, y, key_ops: ['sign'] },
      { kty: 7 },
      {},
    ]) {
      issuer.answer = issuer.publishing({ keys: [{ ...key, kid }] });
      await using server = await GuardedBackend.start({
        features: [GuardedPlugin],
        config: configured({ type: 'jwks', options: { url: `${issuer.url}/keys` } }),
      });

      const answer = await server.get('/api/a/undeclared', await issuer.sign({ sub: 'job', exp: now() + 60 }));
      expect([answer.status, answer.body]).to.have.nested.property('[1].error.code', 'illegal_token');
    }
  });

  it('refuses tokens of another issuer that say what nobody can mean', async () => {
    await using issuer = await TokenIssuer.start();
    await using server = await GuardedBackend.start({
      features: [GuardedPlugin],
      config: configured({ type: 'jwks', options: { url: `${issuer.url}/keys` } }),
    });
    const status = async (changed: object) =>
      (await server.get('/api/a/undeclared', await issuer.sign({ sub: 'job', exp: now() + 60, ...changed }))).status;

    expect(await status({ iat: now() })).to.equal(200);
    for (const changed of [
      { sub: 5 },
      { sub: true },
      { sub: ['job'] },
      { exp: 1e300 },
      { iat: now() + 600, exp: now() + 1_200 },
    ]) {
      expect(await status(changed), JSON.stringify(changed)).to.equal(401);
    }
  });

  it('takes tokens that are signed with a shared secret', async () => {
    const options = { secret, subject: 'old' };
    await using server = await GuardedBackend.start({
      features: [GuardedPlugin],
      config: configured({ type: 'legacy', options }),
    });
    const sign = (claims: object, key = Buffer.from(secret, 'base64'), header = {}) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', ...header }).sign(key);
    const good = await sign({ sub: 'backplane-server', exp: now() + 60 });

    const { body } = await server.get('/api/a/undeclared', good);
    expect((body as { principal: object }).principal).to.deep.equal({ type: 'service', subject: 'external:old' });
    for (const bad of [
      await sign({ sub: 'someone', exp: now() + 60 }),
      await sign({ sub: 'backplane-server' }),
      await sign({ sub: 'backplane-server', exp: now() + 60 }, randomBytes(32)),
      await sign({ sub: 'backplane-server', exp: now() + 60 }, undefined, { b64: false }),
    ]) {
      expect((await server.get('/api/a/undeclared', bad)).status).to.equal(401);
    }
  });

  it('takes what a handler of the installation knows', async () => {
    await using server = await GuardedBackend.start({
      features: [GuardedPlugin, Reversed],
      config: configured({ type: 'reversed', options: { word: 'open' }, accessRestrictions: [{ plugin: 'a' }] }),
    });

    const { status, body } = await server.get('/api/a/services', 'nepo');
    expect(status).to.equal(200);
    expect((body as { principal: object }).principal).to.have.property('subject', 'external:plugin:b');
    expect((await server.get('/api/a/services', 'open')).status).to.equal(401);
  });

  it('is refused by the start where nobody handles its type', async () => {
    expect((await failure(configured({ type: 'unknown', options: {} }))).message).to.include('NO_TOKEN_HANDLER');
  });

  it('is refused by the start where two handle the same type', async () => {
    expect((await failure({}, [Reversed, ReversedAgain])).message).to.include('DUPLICATE_TOKEN_HANDLER');
  });
});

@Service({ implements: ExternalTokenHandler })
class Reversed extends ExternalTokenHandler<string> {
  readonly type = 'reversed';

  override initialize(options: Config): string {
    return options.getString('word').split('').toReversed().join('');
  }

  override verifyToken(given: string, expected: string): Promise<{ readonly subject: string } | undefined> {
    return Promise.resolve(given === expected ? { subject: 'plugin:b' } : undefined);
  }
}

@Service({ implements: ExternalTokenHandler })
class ReversedAgain extends Reversed {}

async function failure(config: JsonObject, features: readonly unknown[] = []): Promise<BackendStartupError> {
  try {
    await (await TestBackend.start({ features: [GuardedPlugin, ...(features as never[])], config })).stop();
  } catch (error) {
    if (error instanceof BackendStartupError) return error;
    throw error;
  }
  throw new Error('it started');
}

async function knowing(text: string) {
  const { ExternalTokens } = await import('../../lib/services/auth/external-tokens.js');
  const { hashOf } = await import('../../lib/services/auth/external-access-settings.js');
  return new ExternalTokens([{ type: 'static', hash: hashOf(text), subject: 'ci', restrictions: undefined }], []);
}

/** Tells of each comparison in constant time, which is made all the same; what it gives back ends that. */
function watchingComparisons(tell: (a: ArrayBufferView, b: ArrayBufferView) => void): () => void {
  const { timingSafeEqual } = crypto;
  const replace = (compare: typeof timingSafeEqual) => {
    crypto.timingSafeEqual = compare;
    // What was imported by name follows.
    syncBuiltinESMExports();
  };
  replace((a, b) => {
    tell(a, b);
    return timingSafeEqual(a, b);
  });
  return () => replace(timingSafeEqual);
}

const rounds = 21;

/** In how many rounds a token that is wrong in its last character takes longer than one that is in its first. */
async function slowerInTheEnd(verify: (text: string) => unknown): Promise<number> {
  let slower = 0;
  for (let round = 0; round < rounds; round++) {
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < 1_500; n++) {
      const which = Math.random() < 0.5 ? 0 : 1;
      // Made anew each time and in the same way, so that where they lie in memory says nothing.
      const text = Buffer.from(which === 0 ? `!${token.slice(1)}` : `${token.slice(0, -1)}!`).toString();
      const from = process.hrtime.bigint();
      await verify(text);
      times[which].push(Number(process.hrtime.bigint() - from));
    }
    const [first, last] = times.map(all => meanOfUsual(all)) as [number, number];
    if (last > first) slower++;
  }
  return slower;
}

/** Without the slowest fifth, which is the machine's own. */
function meanOfUsual(times: readonly number[]): number {
  const usual = times.toSorted((x, y) => x - y).slice(0, Math.floor(times.length * 0.8));
  return usual.reduce((sum, time) => sum + time, 0) / usual.length;
}
