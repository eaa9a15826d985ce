import { z } from 'zod';
import { Get, Inject, Plugin, Post } from '../../../decorators/index.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { HttpRouterService, type PluginContext, type PluginRequest } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { defineApi, get, post, put } from '../../../lib/contract/index.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

const Anything = z.unknown();

/** What the plugin `mirror` answers: what it was sent. */
export const mirrorApi = defineApi({
  pluginId: 'mirror',
  operations: {
    reflect: post('/reflect', { body: z.object({ value: Anything }), response: z.object({ value: Anything }) }),
    greet: get('/greet/:name', { allow: 'unauthenticated', params: z.object({ name: z.string() }), response: Anything }),
    onlyUsers: get('/users', { allow: ['user'], response: Anything }),
    hang: get('/hang', { allow: 'unauthenticated', response: Anything }),
    fail: get('/fail', { allow: 'unauthenticated', response: Anything }),
    huge: get('/huge', { allow: 'unauthenticated', response: Anything }),
    cutOff: get('/cut-off', { allow: 'unauthenticated', response: Anything }),
    nothing: put('/nothing', { allow: 'unauthenticated' }),
  },
});

export async function textOf({ req }: Pick<PluginRequest, 'req'>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What is known of the requests that hung. */
export interface Hanging {
  readonly signals: AbortSignal[];
}

@Plugin({ pluginId: 'mirror' })
export class MirrorPlugin {
  /** Aborted with the requests that are never answered. */
  readonly hanging: AbortSignal[] = [];

  constructor(@Inject(HttpRouterService) router: HttpRouterService) {
    router.use(
      '/secret',
      ctx => {
        ctx.body = { said: ctx.get('x-said'), method: ctx.method, path: ctx.path, query: ctx.query };
        ctx.set('x-answered', 'yes');
        ctx.append('set-cookie', ['a=1', 'b=2']);
      },
      { allow: 'unauthenticated' },
    );
  }

  @Get('/greet/:name', { allow: 'unauthenticated' })
  greet(ctx: PluginContext): unknown {
    const { type } = ctx.credentials.principal;
    return { name: ctx.params['name'], headers: ctx.headers, by: type, address: ctx.ip };
  }

  @Get('/users', { allow: ['user'] })
  users(): unknown {
    return {};
  }

  @Post('/reflect')
  async reflect(ctx: PluginContext): Promise<unknown> {
    return JSON.parse(await textOf(ctx)) as unknown;
  }

  @Get('/hang', { allow: 'unauthenticated' })
  hang(ctx: PluginContext): Promise<never> {
    this.hanging.push(ctx.signal);
    return new Promise(() => {});
  }

  @Get('/fail', { allow: 'unauthenticated' })
  fail(): never {
    throw Object.assign(new Error('no database'), { secret: 'of the plugin' });
  }

  @Get('/huge', { allow: 'unauthenticated' })
  huge(): unknown {
    return { text: 'a'.repeat(3_000) };
  }

  @Get('/cut-off', { allow: 'unauthenticated' })
  async cutOff(ctx: PluginContext): Promise<void> {
    ctx.respond = false;
    ctx.res.writeHead(200, { 'content-type': 'application/json' });
    ctx.res.write('{"half":');
    await new Promise(resolve => setTimeout(resolve, 20));
    ctx.res.destroy();
  }
}

@Plugin({ pluginId: 'asker' })
export class AskerPlugin {
  constructor(@Inject(WireService) readonly wire: WireService) {}
}

/** A backend in which `asker` calls `mirror`: in memory, or over HTTP as if that were elsewhere. */
export async function startPair(inMemory: boolean, backend: JsonObject = {}) {
  const running = await TestBackend.start({
    features: [MirrorPlugin, AskerPlugin],
    config: { backend: { listen: { host: '127.0.0.1', port: 0 }, ...backend }, discovery: { inMemory } },
  });
  const { wire } = running.get(AskerPlugin, { pluginId: 'asker' });
  const { hanging } = running.get(MirrorPlugin, { pluginId: 'mirror' });
  return { wire, hanging, [Symbol.asyncDispose]: () => running.stop() };
}

export const own = { credentials: 'own' } as const;

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to reject');
}
