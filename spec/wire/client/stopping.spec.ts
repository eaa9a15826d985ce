import { expect } from 'chai';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Get, Inject, Plugin, Post } from '../../../decorators/index.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import { RootHttpRouterService } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { until } from '../../faults/harness/until.js';
import { ask } from '../../services/http/http-fixture.js';
import { own, rejection } from './wire-fixture.js';

const open = { allow: 'unauthenticated' } as const;

/** Asks `back` several times for one request, and again when it is stopped. */
@Plugin({ pluginId: 'front' })
class FrontPlugin {
  isAsked = false;
  atShutdown: unknown;

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
    this.atShutdown = [response.status, ((await response.json()) as { error?: { code: string } }).error?.code];
  }
}

@Plugin({ pluginId: 'back' })
class BackPlugin {
  aborted = 0;

  @Post('/never', open)
  never(ctx: PluginContext): Promise<never> {
    ctx.signal.addEventListener('abort', () => (this.aborted += 1));
    return new Promise(() => {});
  }

  @Get('/events', open)
  events(ctx: PluginContext): PassThrough {
    ctx.type = 'text/event-stream';
    const stream = new PassThrough();
    stream.write('data: 1\n\n');
    return stream;
  }

  @Post('/work', open)
  work(ctx: PluginContext): unknown {
    return { secure: ctx.secure };
  }
}

describe('Calls in memory that are still open when nobody waits any longer', () => {
  it('end, every one of them, as their handlers do, and are counted', async () => {
    const lifecycle = { drainTimeout: 200 };
    const backend = await TestBackend.start({
      features: [FrontPlugin, BackPlugin],
      config: { backend: { lifecycle } },
    });
    const { wire } = backend.get(FrontPlugin, { pluginId: 'front' });
    const back = backend.get(BackPlugin, { pluginId: 'back' });
    const calls = Array.from({ length: 6 }, () =>
      wire.fetch('plugin://back/never', { method: 'POST', call: own }).then(
        ({ status }) => status,
        ({ code }: { code: unknown }) => code,
      ),
    );
    await new Promise(resolve => setTimeout(resolve, 50));

    const error = await rejection(backend.stop());

    expect(String(error)).to.include('[DRAIN_TIMEOUT] 6 requests were cut off');
    expect(await Promise.all(calls)).to.deep.equal(calls.map(() => 'plugin_unreachable'));
    expect(back.aborted).to.equal(6);
  });
});

describe('Event streams in memory', () => {
  it('end when the backend stops, as those that come over HTTP do', async () => {
    const backend = await TestBackend.start({ features: [FrontPlugin, BackPlugin] });
    const { wire } = backend.get(FrontPlugin, { pluginId: 'front' });
    const response = await wire.fetch('plugin://back/events', { call: own });
    const started = performance.now();

    const [text] = await Promise.all([response.text(), backend.stop()]);

    expect(text).to.equal('data: 1\n\nretry: 1000\n');
    expect(performance.now() - started).to.be.below(2_000);
  });
});

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
      expect(plugin.atShutdown).to.deep.oneOf([
        [200, undefined],
        [503, 'shutting_down'],
      ]);
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
