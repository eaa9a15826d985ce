import { expect } from 'chai';
import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { Get, Inject, Plugin } from '../../../decorators/index.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { defineApi, get } from '../../../lib/contract/index.js';
import { mockCredentials } from '../../../lib/testing/mock-credentials.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { pause } from '../../../lib/util/pause.js';
import { until } from '../../faults/harness/until.js';
import { own } from './wire-fixture.js';

const open = { allow: 'unauthenticated', response: z.unknown() } as const;
const firstApi = defineApi({ pluginId: 'first', operations: { bounce: get('/bounce', open) } });
const secondApi = defineApi({
  pluginId: 'second',
  operations: { bounce: get('/bounce', open), tell: get('/tell', open), store: get('/store', open) },
});

const userStore = new AsyncLocalStorage<string>();

@Plugin({ pluginId: 'first' })
class FirstPlugin {
  constructor(@Inject(WireService) private readonly wire: WireService) {}

  @Get('/bounce', { allow: 'unauthenticated' })
  bounce(): unknown {
    return this.wire.call(secondApi.bounce, {}, own);
  }

  @Get('/tell', { allow: 'unauthenticated' })
  tell(): unknown {
    return this.wire.call(secondApi.tell, {}, own);
  }

  @Get('/as-caller', { allow: 'unauthenticated' })
  asCaller(ctx: PluginContext): unknown {
    return this.wire.call(secondApi.tell, {}, ctx);
  }

  @Get('/store', { allow: 'unauthenticated' })
  store(): unknown {
    return userStore.run('ada', async () => {
      const told = await this.wire.call(secondApi.store, {}, own);
      return { told, own: userStore.getStore() };
    });
  }
}

@Plugin({ pluginId: 'second' })
class SecondPlugin {
  constructor(@Inject(WireService) private readonly wire: WireService) {}

  @Get('/bounce', { allow: 'unauthenticated' })
  bounce(): unknown {
    return this.wire.call(firstApi.bounce, {}, own);
  }

  @Get('/tell', { allow: 'unauthenticated' })
  tell(ctx: PluginContext): unknown {
    return { headers: ctx.headers, type: ctx.credentials.principal.type };
  }

  @Get('/store', { allow: 'unauthenticated' })
  async store(ctx: PluginContext): Promise<unknown> {
    const stores = [userStore.getStore()];
    ctx.res.on('finish', () => stores.push(userStore.getStore()));
    await Promise.resolve();
    return { store: userStore.getStore() ?? 'none' };
  }
}

interface Told {
  readonly headers: Record<string, string>;
  readonly type: string;
}

for (const [transport, inMemory] of [
  ['in memory', true],
  ['over HTTP', false],
] as const) {
  describe(`What travels with a call ${transport}`, () => {
    let backend: TestBackend;

    before(async () => {
      backend = await TestBackend.start({
        features: [FirstPlugin, SecondPlugin],
        config: {
          backend: { listen: { host: '127.0.0.1', port: 0 }, logger: { level: 'silent' } },
          discovery: { inMemory },
        },
      });
    });
    after(() => backend.stop());

    const told = async (path: string, headers: Record<string, string> = {}): Promise<Told> => {
      const { body, status } = await backend.request.get(path, { headers });
      expect(status).to.equal(200);
      return body as Told;
    };

    it('ends plugins that call each other in a circle', async () => {
      const { status, body } = await backend.request.get('/api/first/bounce');

      expect(status).to.equal(508);
      expect(body).to.have.nested.property('error.code', 'loop_detected');
    });

    it('is the id of the request', async () => {
      const { headers } = await told('/api/first/tell', { 'x-request-id': 'my-id' });

      expect(headers['x-request-id']).to.equal('my-id');
    });

    it('is the rest of the time that the first service gives', async () => {
      const { headers } = await told('/api/first/tell', {
        'x-backplane-timeout': '5000',
        authorization: mockCredentials.service.header(),
      });

      expect(Number(headers['x-backplane-timeout'])).to.be.within(4_000, 5_000);
    });

    it('is the trace as it came, where nobody records spans', async () => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const { headers } = await told('/api/first/tell', { traceparent, tracestate: 'vendor=1' });

      expect(headers['traceparent']).to.equal(traceparent);
      expect(headers['tracestate']).to.equal('vendor=1');
    });

    for (const traceparent of [
      'junk',
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    ]) {
      it(`is no trace where that is not valid: ${traceparent}`, async () => {
        const { headers } = await told('/api/first/tell', { traceparent, tracestate: 'vendor=1' });

        expect(headers).not.to.have.any.keys('traceparent', 'tracestate');
      });
    }

    it('is no credential of the caller, unless it is said', async () => {
      const { headers, type } = await told('/api/first/tell', { cookie: 'session=1' });

      expect(type).to.equal('service');
      expect(headers).not.to.have.property('cookie');
    });

    it('is nothing of a caller that is nobody', async () => {
      const { headers, type } = await told('/api/first/as-caller');

      expect(type).to.equal('none');
      expect(headers).not.to.have.property('authorization');
    });

    it('I37 is no asynchronous context: each side has its own', async () => {
      const { body } = await backend.request.get('/api/first/store');

      expect(body).to.deep.equal({ told: { store: 'none' }, own: 'ada' });
    });
  });
}

describe('A request', () => {
  for (const [name, value] of [
    ['x-backplane-hops', 'many'],
    ['x-backplane-hops', '-1'],
    ['x-backplane-timeout', '1e3'],
    ['x-backplane-timeout', '9'.repeat(30)],
  ] as const) {
    it(`is refused where ${name} is ${value}`, async () => {
      await using backend = await TestBackend.start({ features: [FirstPlugin, SecondPlugin] });

      const { status, body } = await backend.request.get('/api/second/tell', { headers: { [name]: value } });

      expect(status).to.equal(400);
      expect(body).to.have.nested.property('error.code', 'bad_header');
    });
  }

  it('is answered with 504 once its caller waits no longer', async () => {
    @Plugin({ pluginId: 'slow' })
    class SlowPlugin {
      @Get('/', { allow: 'unauthenticated', timeout: 60_000 })
      hang(): Promise<never> {
        return new Promise(() => {});
      }
    }
    await using backend = await TestBackend.start({ features: [SlowPlugin] });

    const { status, body } = await backend.request.get('/api/slow', { headers: { 'x-backplane-timeout': '50' } });

    expect(status).to.equal(504);
    expect(body).to.have.nested.property('error.code', 'deadline_exceeded');
  });

  it('is not given more time than the server grants because its caller says so', async () => {
    @Plugin({ pluginId: 'slow' })
    class SlowPlugin {
      @Get('/', { allow: 'unauthenticated' })
      hang(): Promise<never> {
        return new Promise(() => {});
      }
    }
    await using backend = await TestBackend.start({
      features: [SlowPlugin],
      config: { backend: { server: { handlerTimeout: 50 } } },
    });

    const { status } = await backend.request.get('/api/slow', { headers: { 'x-backplane-timeout': '10000' } });

    expect(status).to.equal(503);
  });

  it('calls nobody any more once it was told that it took too long', async () => {
    let outcome: unknown;
    @Plugin({ pluginId: 'slow' })
    class SlowPlugin {
      constructor(@Inject(WireService) private readonly wire: WireService) {}

      @Get('/', { allow: 'unauthenticated', timeout: 50 })
      async call(): Promise<void> {
        await pause(150);
        outcome = await this.wire.call(secondApi.tell, {}, own).catch((error: unknown) => error);
      }
    }
    await using backend = await TestBackend.start({ features: [SlowPlugin, SecondPlugin] });

    const { status } = await backend.request.get('/api/slow');

    expect(status).to.equal(503);
    await until('the call to have ended', () => outcome !== undefined);
    expect(outcome).to.have.property('code', 'deadline_exceeded');
  });
});
