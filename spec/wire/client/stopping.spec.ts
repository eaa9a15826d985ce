import { expect } from 'chai';
import { once } from 'node:events';
import { Get, Inject, Plugin, Post } from '../../../decorators/index.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import { RootHttpRouterService } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { until } from '../../faults/harness/until.js';
import { ask } from '../../services/http/http-fixture.js';
import { own } from './wire-fixture.js';

const open = { allow: 'unauthenticated' } as const;

/** Asks `back` several times for one request, and again when it is stopped. */
@Plugin({ pluginId: 'front' })
class FrontPlugin {
  isAsked = false;
  atShutdown: number | undefined;

  constructor(@Inject(WireService) readonly wire: WireService) {}

  @Get('/collect', open)
  async collect(): Promise<unknown> {
    this.isAsked = true;
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) {
      await new Promise(resolve => setTimeout(resolve, 60));
      // Nothing that could be sent twice.
      const { status } = await this.wire.fetch('plugin://back/work', { method: 'POST', call: own });
      statuses.push(status);
    }
    return statuses;
  }

  async shutdown(): Promise<void> {
    const response = await this.wire.fetch('plugin://back/work', { method: 'POST', call: own });
    this.atShutdown = response.status;
  }
}

@Plugin({ pluginId: 'back' })
class BackPlugin {
  @Post('/work', open)
  work(ctx: PluginContext): unknown {
    return { secure: ctx.secure };
  }
}

const timers = (): number => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length;

for (const inMemory of [true, false]) {
  describe(`Plugins that call each other while the backend stops, with 'discovery.inMemory: ${inMemory}'`, () => {
    const start = (): Promise<TestBackend> =>
      TestBackend.start({
        features: [FrontPlugin, BackPlugin],
        config: { backend: { listen: { host: '127.0.0.1', port: 0 } }, discovery: { inMemory } },
      });

    it('get their answers until every request is answered, and are then told why not', async () => {
      const backend = await start();
      const plugin = backend.get(FrontPlugin, { pluginId: 'front' });
      const { port } = backend.get(RootHttpRouterService).address!;
      const answered = ask(port, '/api/front/collect');
      while (!plugin.isAsked) await once(AbortSignal.timeout(5), 'abort');

      await backend.stop();

      const { status, body } = await answered;
      expect([status, body]).to.deep.equal([200, [200, 200, 200, 200, 200]]);
      expect(plugin.atShutdown).to.be.oneOf([200, 503]);
    });

    it('wait for nothing any more where they have not read an answer', async () => {
      const backend = await start();
      const before = timers();
      const { wire } = backend.get(FrontPlugin, { pluginId: 'front' });
      const { status } = await wire.fetch('plugin://back/work', { method: 'POST', call: own });

      await backend.stop();

      expect(status).to.equal(200);
      await until('their deadlines are dropped', () => timers() <= before);
    });
  });
}
