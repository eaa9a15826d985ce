import { expect } from 'chai';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { pause } from '../../../lib/util/pause.js';
import { ask, HttpFixture } from './http-fixture.js';

const liveness = '/.backplane/health/v1/liveness';
const keys = '/api/catalog/.backplane/auth/v1/jwks.json';

function addEndpoints(http: HttpFixture): void {
  http.route(http.plugin('catalog'), 'GET /x', () => 'x');
  http.root.use('/ui', ctx => (ctx.body = 'ui'));
  const endpoint = {
    pluginId: 'catalog',
    handle: ({ res }: { res: { end(text: string): unknown } }) => void res.end('endpoint'),
  };
  http.root.addEndpoint({ ...endpoint, path: '/.backplane/openapi.json' });
}

describe('The listener for internal endpoints', () => {
  it('S106: has what is not for the world, which the other one has not', async () => {
    await using http = await HttpFixture.start({ internalListen: '127.0.0.1:0' });
    addEndpoints(http);
    const [, line = ''] = http.logger.messages('info');
    const port = Number(/:(\d+),/.exec(line)?.[1]);
    const statusOf = async (at: number, path: string) => (await ask(at, path)).status;

    for (const path of [liveness, keys]) {
      expect(await statusOf(port, path), path).to.equal(200);
      expect(await statusOf(http.port, path), path).to.equal(404);
    }
    for (const path of ['/api/catalog/x', '/ui', '/api/catalog/.backplane/openapi.json']) {
      expect(await statusOf(port, path), path).to.equal(200);
      expect(await statusOf(http.port, path), path).to.equal(200);
    }
  });

  it('is not there unless it is asked for: then one has everything', async () => {
    await using http = await HttpFixture.start();
    addEndpoints(http);

    for (const path of [liveness, keys, '/api/catalog/x', '/ui'])
      expect((await http.ask(path)).status, path).to.equal(200);
  });

  it('answers until the last request has been answered', async () => {
    await using http = await HttpFixture.start({ internalListen: '127.0.0.1:0', lifecycle: { drainTimeout: 2_000 } });
    const port = Number(/:(\d+),/.exec(http.logger.messages('info')[1] ?? '')?.[1]);
    let finish = () => {};
    http.route(http.plugin('catalog'), 'GET /slow', () => new Promise(resolve => (finish = () => resolve('slow'))));
    const slow = http.ask('/api/catalog/slow');
    await new Promise(resolve => setTimeout(resolve, 50));

    const stopping = http.stop();
    const probe = await ask(port, liveness);
    finish();

    expect(probe.status).to.equal(200);
    expect((await slow).text).to.equal('slow');
    expect(await stopping).to.deep.equal([]);
  });

  for (const listen of [{ host: '127.0.0.1', port: 0 }, false] as const) {
    it(`loses no request under load, ${listen ? 'as the other one' : 'nor where there is no other one'}`, async () => {
      await using http = await HttpFixture.start({
        listen,
        internalListen: '127.0.0.1:0',
        lifecycle: { drainTimeout: 5_000 },
      });
      const port = Number(new URL(http.root.internalUrl!).port);
      http.route(http.plugin('catalog'), 'GET /slow', async () => {
        await pause(100);
        return 'slow';
      });
      const ends: unknown[] = [];
      const asking = new AbortController();
      const askOn = async () => {
        while (!asking.signal.aborted) {
          const end = await ask(port, '/api/catalog/slow').then(
            ({ status, text }) => `${status} ${text}`,
            (error: NodeJS.ErrnoException) => error.code,
          );
          ends.push(end);
          if (end === 'ECONNREFUSED') return;
        }
      };
      const asked = Promise.all(Array.from({ length: 10 }, (_, n) => pause(10 * n).then(askOn)));
      await pause(300);

      const problems = await http.stop();
      asking.abort();
      await asked;

      expect(problems).to.deep.equal([]);
      expect([...new Set(ends)]).to.have.members(['200 slow', 'ECONNREFUSED']);
    });
  }

  it('goes on where the system could not accept a connection, and says so now and then', async () => {
    await using http = await HttpFixture.start({ internalListen: '127.0.0.1:0' });
    const servers = new Set<Server>();
    const note = (message: unknown) => servers.add((message as { server: Server }).server);
    subscribe('http.server.request.start', note);
    for (const url of [http.root.url, http.root.internalUrl]) await fetch(`${url}${liveness}`);
    unsubscribe('http.server.request.start', note);

    for (const server of servers) server.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' }));

    expect(servers.size).to.equal(2);
    expect(http.logger.messages('error')).to.deep.equal(['A connection cannot be accepted']);
    expect((await fetch(`${http.root.internalUrl}${liveness}`)).status).to.equal(200);
  });
});
