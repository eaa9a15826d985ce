import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { inject } from 'light-my-request';
import type { HttpFixture } from './http-fixture.js';
import { askFrom, startLimited } from './rate-limited.js';

async function statuses(http: HttpFixture, count: number, ip: string, path?: string): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await askFrom(http, ip, path)).status);
  return found;
}

describe('Rate limits', () => {
  it('S91: refuse a client that asks too often, and no other', async () => {
    await using http = await startLimited({ incomingRequestLimit: 3, window: '30s' });

    expect(await statuses(http, 4, '10.0.0.1')).to.deep.equal([200, 200, 200, 429]);
    const refused = await askFrom(http, '10.0.0.1');
    const other = await askFrom(http, '10.0.0.2');

    expect(refused.body).to.have.nested.property('error.code', 'too_many_requests');
    expect(Number(refused.headers['retry-after'])).to.be.within(1, 30);
    expect(refused.headers).to.include({
      'ratelimit-limit': '3',
      'ratelimit-remaining': '0',
      'ratelimit-policy': '3;w=30',
      'cache-control': 'no-store',
    });
    expect(other.status).to.equal(200);
    expect(other.headers).to.include({ 'ratelimit-remaining': '2' });
  });

  it('S91: stop a hundred bad logins, and let a good one in from elsewhere', async () => {
    await using http = await startLimited({ incomingRequestLimit: 20 });

    const answers = await Promise.all(
      Array.from({ length: 100 }, () => askFrom(http, '10.0.0.1', '/api/catalog/fails')),
    );

    expect(answers.filter(({ status }) => status === 401)).to.have.lengthOf(20);
    expect(answers.filter(({ status }) => status === 429)).to.have.lengthOf(80);
    expect((await askFrom(http, '10.0.0.2')).status).to.equal(200);
  });

  it('pass again when the time is over', async () => {
    await using http = await startLimited({ incomingRequestLimit: 1, window: 300 });

    expect(await statuses(http, 2, '10.0.0.1')).to.deep.equal([200, 429]);
    await new Promise(resolve => setTimeout(resolve, 350));
    expect(await statuses(http, 1, '10.0.0.1')).to.deep.equal([200]);
  });

  it('see one client in everything that has its network of IPv6', async () => {
    await using http = await startLimited({ incomingRequestLimit: 2 });

    expect(await statuses(http, 1, '2001:db8:0:1::1')).to.deep.equal([200]);
    expect(await statuses(http, 1, '2001:db8:0:1:ffff::2')).to.deep.equal([200]);
    expect(await statuses(http, 1, '2001:DB8:0:1:abcd:1:2:3')).to.deep.equal([429]);
    expect(await statuses(http, 1, '2001:db8:0:2::1')).to.deep.equal([200]);
  });

  it('do not believe whom they do not know about whom it asks for', async () => {
    await using http = await startLimited({ incomingRequestLimit: 1, ipAllowList: [] }, { trustProxy: false });

    expect(await statuses(http, 1, '10.0.0.1')).to.deep.equal([200]);
    expect(await statuses(http, 1, '10.0.0.2')).to.deep.equal([429]);
  });

  it('are of one plugin, besides those for everything', async () => {
    await using http = await startLimited({
      incomingRequestLimit: 4,
      plugin: { catalog: { incomingRequestLimit: 1 }, search: false },
    });

    expect(await statuses(http, 2, '10.0.0.1')).to.deep.equal([200, 429]);
    expect(await statuses(http, 3, '10.0.0.1', '/api/search/x')).to.deep.equal([200, 200, 429]);
  });

  it('are only of plugins where there are none for everything', async () => {
    await using http = await startLimited({ global: false, plugin: { catalog: { incomingRequestLimit: 1 } } });

    expect(await statuses(http, 2, '10.0.0.1')).to.deep.equal([200, 429]);
    expect(await statuses(http, 20, '10.0.0.1', '/api/search/x')).not.to.contain(429);
  });

  it('do not count what is said not to count', async () => {
    await using failures = await startLimited({ incomingRequestLimit: 2, skipSuccessfulRequests: true });
    await using successes = await startLimited({ incomingRequestLimit: 2, skipFailedRequests: true });

    expect(await statuses(failures, 5, '10.0.0.1')).not.to.contain(429);
    expect(await statuses(failures, 3, '10.0.0.1', '/api/catalog/fails')).to.deep.equal([401, 401, 429]);
    expect(await statuses(successes, 5, '10.0.0.1', '/api/catalog/fails')).not.to.contain(429);
    expect(await statuses(successes, 3, '10.0.0.1')).to.deep.equal([200, 200, 429]);
  });

  it('count what was given up before it was answered, whatever else does not count', async () => {
    for (const skip of ['skipSuccessfulRequests', 'skipFailedRequests']) {
      await using http = await startLimited({ incomingRequestLimit: 3, [skip]: true });
      const gone: Promise<unknown>[] = [];
      http.route(http.plugin('slow'), 'GET /x', ({ signal }) => {
        gone.push(once(signal, 'abort'));
        return new Promise(() => {});
      });

      for (let n = 0; n < 3; n++) {
        const socket = connect(http.port, '127.0.0.1');
        socket.write('GET /api/slow/x HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 10.0.0.1\r\n\r\n');
        while (gone.length <= n) await new Promise(resolve => setTimeout(resolve, 5));
        socket.destroy();
        await gone[n];
      }

      expect(await statuses(http, 1, '10.0.0.1')).to.deep.equal([429]);
    }
  });

  it('are not for this machine, for the exempt, for probes, nor for calls over no socket', async () => {
    await using http = await startLimited({ incomingRequestLimit: 1 });
    await using exempt = await startLimited({ incomingRequestLimit: 1, ipAllowList: ['10.0.0.0/8'] });

    for (let i = 0; i < 5; i++) expect((await http.ask('/api/catalog/x')).status).to.equal(200);
    expect(await statuses(http, 5, '10.0.0.1', '/.backplane/health/v1/liveness')).not.to.contain(429);
    expect(await statuses(exempt, 5, '10.0.0.1')).not.to.contain(429);
    const headers = { host: 'a', 'x-forwarded-for': '10.0.0.1' };
    for (let i = 0; i < 5; i++) {
      const { statusCode } = await inject(http.root.handler, { url: '/api/catalog/x', headers });
      expect(statusCode).to.equal(200);
    }
  });

  it('are five in a minute where only that they are is said', async () => {
    await using http = await startLimited(true);

    expect(await statuses(http, 6, '10.0.0.1')).to.deep.equal([200, 200, 200, 200, 200, 429]);
  });
});
