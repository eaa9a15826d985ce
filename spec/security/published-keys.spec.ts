import { expect } from 'chai';
import type { ServerResponse } from 'node:http';
import { exportJWK } from 'jose';
import { until } from '../faults/harness/until.js';
import { discovering, GuardedBackend, GuardedPlugin } from './guarded-backend.js';
import { TokenIssuer } from './token-issuer.js';

/** A backend to which `remote` sends tokens, and whose keys are what `issuer` answers. */
async function guardedBy(issuer: TokenIssuer): Promise<GuardedBackend> {
  return GuardedBackend.start({ features: [GuardedPlugin, discovering({ remote: () => issuer.url })] });
}

/** What `remote` is answered, and after how many ms, where its keys are published like this. */
async function answeredTo(
  publish: (issuer: TokenIssuer, res: ServerResponse) => void | Promise<void>,
): Promise<{ readonly status: number; readonly text: string; readonly took: number; readonly asked: string[] }> {
  await using issuer = await TokenIssuer.start();
  issuer.answer = (_req, res) => void publish(issuer, res);
  await using server = await guardedBy(issuer);
  const token = await issuer.pluginToken();
  const from = performance.now();
  const { status, text } = await server.get('/api/a/undeclared', token);
  return { status, text, took: performance.now() - from, asked: [...issuer.asked] };
}

/** Lets time pass for those who look at a clock. */
function later(ms: number): Disposable {
  const clocks = [Date, performance] as { now(): number }[];
  const undo = clocks.map(clock => {
    const { now } = clock;
    clock.now = () => now.call(clock) + ms;
    return () => (clock.now = now);
  });
  return { [Symbol.dispose]: () => undo.forEach(each => each()) };
}

describe('Published keys', () => {
  const broken: Readonly<Record<string, (issuer: TokenIssuer, res: ServerResponse) => void | Promise<void>>> = {
    'that are HTML': (_issuer, res) => void res.setHeader('content-type', 'text/html').end('<h1>Not here</h1>'),
    'that are no list': (_issuer, res) => void res.end('{"keys":{"a":1}}'),
    'that are null': (_issuer, res) => void res.end('null'),
    'of 10 MB': (issuer, res) => {
      const key = { ...issuer.publicJwk, padding: 'x'.repeat(10_000_000) };
      res.end(JSON.stringify({ keys: [key] }));
    },
    'that never come': () => {},
    'that begin and never end': (_issuer, res) => void res.write('{"keys":['),
    'that are somewhere else': (issuer, res) => {
      const isFirst = issuer.asked.length === 1;
      if (isFirst) res.writeHead(302, { location: `${issuer.url}/moved` }).end();
      else issuer.publishing({ keys: [issuer.publicJwk] })(undefined as never, res);
    },
    'with their private half': async (issuer, res) => {
      const key = { ...(await exportJWK(issuer.privateKey)), kid: issuer.publicJwk.kid, alg: 'ES256', use: 'sig' };
      res.end(JSON.stringify({ keys: [key] }));
    },
    'of which two have the same id': async (issuer, res) => {
      await using other = await TokenIssuer.start();
      const second = { ...other.publicJwk, kid: issuer.publicJwk.kid };
      res.end(JSON.stringify({ keys: [issuer.publicJwk, second] }));
    },
    'that are answered with 500': (_issuer, res) => void res.writeHead(500).end('{}'),
    'that are cut off': (_issuer, res) => void res.write('{', () => res.destroy()),
  };

  for (const [what, publish] of Object.entries(broken)) {
    it(`S77 ${what} make a token neither good nor bad: 503 within 1.5 s`, async () => {
      const { status, text, took, asked } = await answeredTo(publish);

      expect([status, JSON.parse(text).error.code]).to.deep.equal([503, 'keys_unavailable']);
      expect(text).to.not.match(/127\.0\.0\.1|remote|JSON|html|status/i);
      expect(took).to.be.below(1_500);
      expect(asked).to.deep.equal(['/.backplane/auth/v1/jwks.json']);
    });
  }

  it('S77 that are none refuse every token', async () => {
    expect((await answeredTo((_issuer, res) => void res.end('{"keys":[]}'))).status).to.equal(401);
  });

  it('S77 that are for encryption, or for another algorithm, are not taken', async () => {
    const publish = (change: object) => (issuer: TokenIssuer, res: ServerResponse) =>
      issuer.publishing({ keys: [{ ...issuer.publicJwk, ...change }] })(undefined as never, res);

    expect((await answeredTo(publish({ use: 'enc' }))).status).to.equal(401);
    expect((await answeredTo(publish({ alg: 'RS256' }))).status).to.equal(401);
    expect((await answeredTo(publish({ kty: 'oct' }))).status).to.equal(401);
  });

  it('that are no longer published open nothing after 20 minutes, however often their tokens were seen', async () => {
    await using issuer = await TokenIssuer.start();
    await using server = await guardedBy(issuer);
    const token = await issuer.pluginToken({ exp: Math.floor(Date.now() / 1_000) + 3_600 });
    expect((await server.get('/api/a/undeclared', token)).status).to.equal(200);

    issuer.answer = issuer.publishing({ keys: [] });
    const statuses: number[] = [];
    for (const minutes of [5, 12, 24]) {
      using _later = later(minutes * 60_000);
      statuses.push((await server.get('/api/a/undeclared', token)).status);
    }

    expect(statuses.at(-1)).to.equal(401);
  });

  it('that are withdrawn while the issuer cannot be asked open nothing once it can', async () => {
    await using issuer = await TokenIssuer.start();
    await using server = await guardedBy(issuer);
    // Another token each time: what is remembered is not what is asked about.
    const tokens = await Promise.all(Array.from({ length: 4 }, (_, n) => issuer.pluginToken({ jti: String(n) })));
    const statusOf = async (n: number) => (await server.get('/api/a/undeclared', tokens[n])).status;
    expect(await statusOf(0)).to.equal(200);

    issuer.answer = (_req, res) => void res.writeHead(503).end();
    using _tenMinutes = later(601_000);
    expect(await statusOf(1)).to.equal(200);
    issuer.answer = issuer.publishing({ keys: [] });
    using _twoSeconds = later(2_000);
    const first = await statusOf(2);
    await until('the keys to be read', () => issuer.asked.length === 3);
    await new Promise(resolve => setTimeout(resolve, 50));

    expect(first, 'nobody waits for an issuer that has failed').to.equal(200);
    expect(await statusOf(3)).to.equal(401);
  });

  it('that could not be had are asked for again a second later', async () => {
    await using issuer = await TokenIssuer.start();
    const { answer } = issuer;
    issuer.answer = (_req, res) => void res.writeHead(503).end();
    await using server = await guardedBy(issuer);
    const token = await issuer.pluginToken();
    for (let i = 0; i < 50; i++) expect((await server.get('/api/a/undeclared', token)).status).to.equal(503);
    expect(issuer.asked).to.have.lengthOf(1);

    issuer.answer = answer;
    await new Promise(resolve => setTimeout(resolve, 1_050));

    expect((await server.get('/api/a/undeclared', token)).status).to.equal(200);
  });

  it('are asked for once by many who need them at the same time', async () => {
    await using issuer = await TokenIssuer.start();
    await using server = await guardedBy(issuer);
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => issuer.pluginToken({ jti: String(i) })));
    const answers = await Promise.all(tokens.map(token => server.get('/api/a/undeclared', token)));

    expect(answers.map(({ status }) => status)).to.deep.equal(tokens.map(() => 200));
    expect(issuer.asked).to.have.lengthOf(1);
  });

  it('are not asked of more than a hundred strangers where discovery knows every name', async () => {
    await using issuer = await TokenIssuer.start();
    issuer.answer = (_req, res) => void res.writeHead(404).end();
    await using server = await GuardedBackend.start({
      features: [GuardedPlugin, discovering({ '*': () => issuer.url })],
    });
    for (let i = 0; i < 150; i++) {
      const token = await issuer.pluginToken({ sub: `stranger-${i}` });
      expect((await server.get('/api/a/undeclared', token)).status).to.equal(503);
    }

    // Once they are forgotten, before anybody else is refused.
    expect(issuer.asked.length).to.be.at.most(200);
  });

  it('of a plugin are there before it is ready, hold nothing private, and are answered to GET alone', async () => {
    await using server = await GuardedBackend.start({ features: [GuardedPlugin] });
    const { status, body, headers } = await server.get('/api/a/.backplane/auth/v1/jwks.json');

    expect([status, headers['content-type']]).to.deep.equal([200, 'application/json; charset=utf-8']);
    const { keys } = body as { keys: object[] };
    expect(keys).to.have.lengthOf(1);
    expect(keys[0]).to.have.all.keys('kty', 'crv', 'x', 'y', 'kid', 'alg', 'use');
    expect((await server.send('POST', '/api/a/.backplane/auth/v1/jwks.json')).status).to.equal(405);
  });

  it('S74 are asked for at once where their issuer has started anew, and not again for an id that it does not have', async () => {
    await using issuer = await TokenIssuer.start();
    await using anew = await TokenIssuer.start();
    await using server = await guardedBy(issuer);
    const status = async (from: TokenIssuer, kid = from.publicJwk.kid) =>
      (await server.get('/api/a/undeclared', await from.pluginToken({}, { kid }))).status;
    expect(await status(issuer)).to.equal(200);

    issuer.answer = issuer.publishing({ keys: [anew.publicJwk] });
    const afterwards = await status(anew);
    const unknown = [await status(anew, 'unknown-1'), await status(anew, 'unknown-2')];

    expect(afterwards).to.equal(200);
    expect(unknown).to.deep.equal([401, 401]);
    expect(issuer.asked).to.have.lengthOf(3);
  });
});
