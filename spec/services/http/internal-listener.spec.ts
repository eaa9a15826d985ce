import { expect } from 'chai';
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
});
