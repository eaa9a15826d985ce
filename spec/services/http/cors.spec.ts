import { expect } from 'chai';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { HttpFixture, type Answer } from './http-fixture.js';

const origin = 'https://good.com';

async function asked(cors: JsonObject | undefined, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
  await using http = await HttpFixture.start(cors === undefined ? {} : { cors });
  const router = http.plugin('catalog');
  http.route(router, 'GET /x', () => 'x');
  http.route(router, 'GET /guarded', () => 'x', { allow: ['user'] });
  return await http.ask(`/api/catalog/${method === 'OPTIONS' ? 'guarded' : 'x'}`, { method, headers });
}

const allowedIn = ({ headers }: Answer) => headers['access-control-allow-origin'];
const preflight = {
  origin,
  'access-control-request-method': 'PUT',
  'access-control-request-headers': 'x-a, content-type',
};

describe('CORS', () => {
  it('is off where nothing is said of it', async () => {
    const answer = await asked(undefined, { origin });
    const question = await asked(undefined, preflight, 'OPTIONS');

    expect(Object.keys(answer.headers).filter(name => /access-control|vary/.test(name))).to.deep.equal([]);
    expect(allowedIn(question)).to.equal(undefined);
  });

  it('tells the origins that may read the answer so, and nobody else', async () => {
    const answer = await asked({ origin, credentials: true, exposedHeaders: ['x-total', 'x-request-id'] }, { origin });
    const other = await asked({ origin }, { origin: 'https://other.com' });
    const none = await asked({ origin }, {});

    expect(answer.headers).to.include({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-total,x-request-id',
      vary: 'Origin',
    });
    expect(other.status).to.equal(200);
    for (const { headers } of [other, none]) {
      expect(headers).to.include({ vary: 'Origin' }).and.not.have.property('access-control-allow-origin');
    }
  });

  const matches: [string, string, boolean][] = [
    ['https://*.good.com', 'https://a.good.com', true],
    ['https://*.good.com', 'https://a.b.good.com', true],
    ['https://*.good.com', 'https://good.com', false],
    ['https://*.good.com', 'https://agood.com', false],
    ['https://*.good.com', 'https://a.good.com.evil.com', false],
    ['https://*.good.com', 'https://evil.com/.good.com', false],
    ['https://*.good.com', 'https://evil.com?.good.com', false],
    ['https://*.good.com', 'https://evil.com#.good.com', false],
    ['https://*.good.com', 'https://evil@x.good.com', false],
    ['https://*.good.com', 'http://a.good.com', false],
    ['https://good.com', 'https://good.com', true],
    ['https://good.com', 'https://goodxcom', false],
    ['https://good.com', 'https://good.com.evil.com', false],
    ['https://good.com', 'https://good.com:444', false],
    ['https://good.com', 'https://GOOD.com', false],
    ['https://good.com', 'null', false],
    ['https://*.good.com', 'null', false],
    ['HTTPS://Good.com/', 'https://good.com', true],
    ['http://localhost:*', 'http://localhost:3000', true],
    ['https://{a,b}.good.com', 'https://b.good.com', true],
    ['https://{a,b}.good.com', 'https://c.good.com', false],
    ['https://?.good.com', 'https://a.good.com', true],
  ];
  for (const [pattern, from, allowed] of matches) {
    it(`S107: ${allowed ? 'lets' : 'does not let'} ${from} in for ${pattern}`, async () => {
      expect(allowedIn(await asked({ origin: ['https://first.com', pattern] }, { origin: from }))).to.equal(
        allowed ? from : undefined,
      );
    });
  }

  it('S107: takes no time for an origin that no browser has', async () => {
    await using http = await HttpFixture.start({ cors: { origin: 'https://*-*-*-*.example.com' } });
    const begun = performance.now();

    const { headers } = await http.ask('/x', { headers: { origin: `https://${'-'.repeat(12_000)}` } });

    expect(headers['access-control-allow-origin']).to.equal(undefined);
    expect(performance.now() - begun).to.be.lessThan(1_000);
  });

  it('lets everybody in for *, without credentials', async () => {
    expect(allowedIn(await asked({ origin: '*' }, { origin }))).to.equal('*');
    expect(allowedIn(await asked({}, { origin }))).to.equal('*');
  });

  it('answers a question whether a request may be sent itself, before the gate', async () => {
    const answer = await asked({ origin, maxAge: 600 }, preflight, 'OPTIONS');

    expect(answer.status).to.equal(204);
    expect(answer.headers).to.include({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
      'access-control-allow-headers': 'x-a, content-type',
      'access-control-max-age': '600',
      vary: 'Origin, Access-Control-Request-Headers',
    });
  });

  it('answers it as configured', async () => {
    const cors = { origin, methods: ['GET', 'PUT'], allowedHeaders: 'x-b', optionsSuccessStatus: 200 };

    const answer = await asked(cors, preflight, 'OPTIONS');
    const passed = await asked({ origin, preflightContinue: true }, preflight, 'OPTIONS');

    expect(answer.status).to.equal(200);
    expect(answer.headers).to.include({
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'x-b',
    });
    expect(passed.headers).to.have.property('allow');
  });

  it('tells nothing to those who may not', async () => {
    const answer = await asked({ origin }, { ...preflight, origin: 'https://evil.com' }, 'OPTIONS');

    expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control'))).to.deep.equal([]);
  });

  it('lets pages read errors', async () => {
    await using http = await HttpFixture.start({ cors: { origin } });

    const answer = await http.ask('/api/nobody', { headers: { origin } });

    expect(answer.status).to.equal(404);
    expect(allowedIn(answer)).to.equal(origin);
    expect(answer.headers.vary).to.equal('Origin');
  });
});
