import { expect } from 'chai';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { currentAccount } from '../../../lib/api/attribution.js';
import type { BackendPhase, PluginPhase } from '../../../lib/api/backend-status-service.js';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture, type Answer } from './http-fixture.js';

const codeOf = ({ status, body }: Answer) => `${status} ${(body as { error: { code: string } }).error.code}`;

describe('Requests to a plugin', () => {
  let http: HttpFixture;
  let router: PluginHttpRouter;

  const begin = async (phase: PluginPhase, lifecycle = {}) => {
    http = await HttpFixture.start({ lifecycle });
    router = http.plugin('catalog', phase);
    http.route(router, 'GET /x', () => 'x');
  };

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  for (const phase of ['waiting', 'starting'] as const) {
    it(`R7: wait while it is ${phase}, and are answered in order when it is ready`, async () => {
      await begin(phase);
      const order: string[] = [];
      http.route(router, 'GET /order', ctx => void order.push(ctx.requestId));
      const asked = [];
      for (const id of ['a', 'b', 'c']) {
        asked.push(http.ask('/api/catalog/order', { headers: { 'x-request-id': id } }));
        await pause(20);
      }

      expect(order).to.deep.equal([]);
      http.status.enterPlugin('catalog', 'ready');
      const answers = await Promise.all(asked);

      expect(answers.map(answer => answer.status)).to.deep.equal([204, 204, 204]);
      expect(order).to.deep.equal(['a', 'b', 'c']);
    });
  }

  it('R7: wait no longer than the pause, and may then come again', async () => {
    await begin('starting', { startupRequestPauseTimeout: 50 });
    const started = performance.now();

    const answer = await http.ask('/api/catalog/x');

    expect(codeOf(answer)).to.equal('503 plugin_starting');
    expect(answer.headers['retry-after']).to.equal('1');
    expect(performance.now() - started).to.be.within(45, 1_000);
  });

  it('wait in a room of limited size, and are refused at once where that is full', async () => {
    await begin('starting', { maxHeldRequests: 2 });
    const waiting = [http.ask('/api/catalog/x'), http.ask('/api/catalog/x')];
    await pause(50);
    const started = performance.now();

    const refused = await http.ask('/api/catalog/x');
    const after = performance.now() - started;
    http.status.enterPlugin('catalog', 'ready');
    await Promise.all(waiting);
    http.status.enterPlugin('catalog', 'starting');
    const again = http.ask('/api/catalog/x');
    await pause(50);
    http.status.enterPlugin('catalog', 'ready');

    expect(codeOf(refused)).to.equal('503 plugin_starting');
    expect(after).to.be.below(1_000);
    expect((await again).text).to.equal('x');
  });

  it('leave the room when the caller goes', async () => {
    await begin('starting', { maxHeldRequests: 1 });
    const gone = new AbortController();
    const asked = fetch(`http://127.0.0.1:${http.port}/api/catalog/x`, { signal: gone.signal }).catch(() => 'gone');
    await pause(50);

    gone.abort();
    await asked;
    await pause(50);
    const next = http.ask('/api/catalog/x');
    await pause(50);
    http.status.enterPlugin('catalog', 'ready');

    expect((await next).status).to.equal(200);
  });

  it('are refused at once when it has failed, also those that waited', async () => {
    await begin('starting');
    const waiting = http.ask('/api/catalog/x');
    await pause(50);

    http.status.enterPlugin('catalog', 'failed', new Error('CANARY'));

    for (const answer of [await waiting, await http.ask('/api/catalog/x')]) {
      expect(codeOf(answer)).to.equal('503 plugin_unavailable');
      expect(answer.text).not.to.contain('CANARY');
    }
  });

  const refused: [BackendPhase, PluginPhase, string][] = [
    ['stopping', 'stopping', '503 shutting_down'],
    ['stopping', 'stopped', '503 shutting_down'],
    ['stopped', 'stopped', '503 shutting_down'],
    ['stopping', 'starting', '503 shutting_down'],
    ['stopping', 'failed', '503 plugin_unavailable'],
  ];
  for (const [backend, plugin, expected] of refused) {
    it(`are answered ${expected} when the backend is ${backend} and the plugin ${plugin}`, async () => {
      await begin('ready');

      http.status.enter(backend);
      http.status.enterPlugin('catalog', plugin);

      expect(codeOf(await http.ask('/api/catalog/x'))).to.equal(expected);
    });
  }

  it('are answered while the backend stops, as long as the plugin has not', async () => {
    await begin('ready');

    http.status.enter('stopping');

    expect((await http.ask('/api/catalog/x')).text).to.equal('x');
  });

  it('no longer wait when the backend stops before the plugin has started', async () => {
    await begin('starting');
    const waiting = http.ask('/api/catalog/x');
    await pause(50);

    http.status.enter('stopping');

    expect(codeOf(await waiting)).to.equal('503 shutting_down');
  });

  it('are answered again when it is ready again', async () => {
    await begin('failed');

    http.status.enterPlugin('catalog', 'starting');
    const waiting = http.ask('/api/catalog/x');
    await pause(50);
    http.status.enterPlugin('catalog', 'ready');

    expect((await waiting).text).to.equal('x');
  });

  it('that has no routes are 404 when it is ready, and wait or are refused as with any other', async () => {
    await begin('ready');
    http.status.enterPlugin('silent', 'failed');
    const failed = await http.ask('/api/silent/x');

    http.status.enterPlugin('silent', 'starting');
    const waiting = http.ask('/api/silent/x');
    await pause(50);
    http.status.enterPlugin('silent', 'ready');

    expect(codeOf(failed)).to.equal('503 plugin_unavailable');
    expect(codeOf(await waiting)).to.equal('404 not_found');
    expect(codeOf(await http.ask('/api/unknown/x'))).to.equal('404 not_found');
  });

  it('run on its account, and so does what they start', async () => {
    await begin('ready');
    http.route(router, 'GET /account', async () => {
      await pause(5);
      const { backend, pluginId } = currentAccount()!;
      return { pluginId, same: backend === http.status };
    });

    const { body } = await http.ask('/api/catalog/account');

    expect(body).to.deep.equal({ pluginId: 'catalog', same: true });
    expect(currentAccount()).to.equal(undefined);
  });

  it('take an error that nobody caught as their own, as long as they are open', async () => {
    await begin('ready');
    const taken: (boolean | undefined)[] = [];
    http.route(router, 'GET /stray', () => {
      const account = currentAccount();
      setTimeout(() => taken.push(account?.request?.fail(new Error('CANARY'))), 5);
      setTimeout(() => taken.push(account?.request?.fail(new Error('later'))), 50);
      return new Promise(() => {});
    });

    const answer = await http.ask('/api/catalog/stray');
    await pause(80);

    expect(codeOf(answer)).to.equal('500 internal_server_error');
    expect(answer.text).not.to.contain('CANARY');
    expect(taken).to.deep.equal([true, false]);
    expect(http.logger.messages('error')).to.deep.equal(['A request failed']);
  });

  it('wait by the thousand without a loss', async () => {
    await begin('starting');
    const asked = Array.from({ length: 300 }, () => http.ask('/api/catalog/x'));
    await pause(200);

    http.status.enterPlugin('catalog', 'ready');
    const answers = await Promise.all(asked);

    expect(answers.filter(answer => answer.text !== 'x')).to.deep.equal([]);
  });
});
