import { expect } from 'chai';
import { Get, Inject, Plugin } from '../../decorators/index.js';
import { WireService } from '../../lib/api/wire-service.js';
import { isRemoteError } from '../../lib/contract/index.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { answerJson, mirrorApi, MirrorPlugin, own, serve } from '../wire/client/wire-fixture.js';

const open = { allow: 'unauthenticated' } as const;

/** Does for anybody what has `mirror` do something. */
@Plugin({ pluginId: 'front' })
class FrontPlugin {
  /** What the calls made in the background have ended with. */
  readonly background: string[] = [];
  #isRefreshing = false;

  constructor(@Inject(WireService) readonly wire: WireService) {}

  @Get('/late', open)
  late(): unknown {
    return this.wire.call(mirrorApi.late, {}, own);
  }

  @Get('/greet', open)
  async greet(): Promise<unknown> {
    try {
      return { said: await this.wire.call(mirrorApi.greet, { params: { name: 'ada' } }, own) };
    } catch (error) {
      return { code: isRemoteError(error) ? error.code : 'another' };
    }
  }

  /** Begins with the first request what goes on for ever. */
  @Get('/begin', open)
  begin(): unknown {
    if (!this.#isRefreshing) void this.#refresh();
    this.#isRefreshing = true;
    return {};
  }

  async #refresh(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 150));
    this.background.push(((await this.greet()) as { code?: string }).code ?? 'answered');
  }
}

/** `front` in a backend whose `mirror` is elsewhere. */
async function startFront(port: number) {
  const backend = await TestBackend.start({
    features: [FrontPlugin],
    config: {
      backend: { listen: { host: '127.0.0.1', port: 0 } },
      discovery: { endpoints: [{ target: `http://127.0.0.1:${port}/api/{{pluginId}}`, plugins: ['mirror'] }] },
    },
  });
  return { backend, [Symbol.asyncDispose]: () => backend.stop() };
}

describe('Nobody outside can keep plugins from calling each other', () => {
  it('by not waiting for what takes a while', async () => {
    using mirror = await serve((req, res) => {
      if (req.url!.includes('late')) setTimeout(() => answerJson(res, 200, {}), 200);
      else answerJson(res, 200, 'hello');
    });
    await using front = await startFront(mirror.port);
    const { request } = front.backend;

    await request.get('/api/front/greet');

    for (let n = 0; n < 10; n++) {
      const { status } = await request.get('/api/front/late', { headers: { 'x-backplane-timeout': '50' } });
      expect(status).to.equal(504);
    }

    expect((await request.get('/api/front/greet')).body).to.deep.equal({ said: 'hello' });
  });

  it('by uploads that break off', async () => {
    using mirror = await serve((req, res) => {
      req.resume().on('end', () => answerJson(res, 200, 'hello'));
    });
    await using front = await startFront(mirror.port);
    const { wire } = front.backend.get(FrontPlugin, { pluginId: 'front' });
    const failures: unknown[] = [];

    for (let n = 0; n < 10; n++) {
      const body = new ReadableStream({ pull: () => Promise.reject(new Error('the client has gone')) });
      await wire
        .fetch('plugin://mirror/echo', { method: 'POST', body, call: own })
        .catch((error: unknown) => failures.push((error as { code?: string }).code));
    }

    expect(failures).to.deep.equal(Array(10).fill('plugin_unreachable'));
    expect((await front.backend.request.get('/api/front/greet')).body).to.deep.equal({ said: 'hello' });
  });

  it('by the time that was given to the request which has begun something', async () => {
    const backend = await TestBackend.start({ features: [FrontPlugin, MirrorPlugin] });
    try {
      await backend.request.get('/api/front/begin', { headers: { 'x-backplane-timeout': '100' } });
      await new Promise(resolve => setTimeout(resolve, 300));

      expect(backend.get(FrontPlugin, { pluginId: 'front' }).background).to.deep.equal(['answered']);
    } finally {
      await backend.stop();
    }
  });
});
