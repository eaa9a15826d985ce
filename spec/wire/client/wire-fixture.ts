import { once } from 'node:events';
import { createServer, type OutgoingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { Get, Inject, Plugin, Post, Put } from '../../../decorators/index.js';
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
    greet: get('/greet/:name', {
      allow: 'unauthenticated',
      params: z.object({ name: z.string() }),
      response: Anything,
    }),
    onlyUsers: get('/users', { allow: ['user'], response: Anything }),
    hang: get('/hang', { allow: 'unauthenticated', response: Anything }),
    late: get('/late', { allow: 'unauthenticated', response: Anything }),
    fail: get('/fail', { allow: 'unauthenticated', response: Anything }),
    huge: get('/huge', { allow: 'unauthenticated', response: Anything }),
    cutOff: get('/cut-off', { allow: 'unauthenticated', response: Anything }),
    nothing: put('/nothing', { allow: 'unauthenticated' }),
    unknown: get('/unknown', { allow: 'unauthenticated', response: Anything }),
  },
});

export async function textOf({ req }: Pick<PluginRequest, 'req'>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

@Plugin({ pluginId: 'mirror' })
export class MirrorPlugin {
  /** Aborted with the requests that are never answered. */
  readonly hanging: AbortSignal[] = [];

  constructor(@Inject(HttpRouterService) router: HttpRouterService) {
    router.use(
      '/echo',
      async ctx => {
        const { method, path, query } = ctx;
        ctx.status = 201;
        ctx.set('x-answered', 'yes');
        ctx.append('set-cookie', ['a=1', 'b=2']);
        ctx.body = {
          method,
          path,
          query,
          said: ctx.get('x-said'),
          type: ctx.get('content-type'),
          text: await textOf(ctx),
        };
      },
      { allow: 'unauthenticated' },
    );
    router.use(
      '/flow',
      ctx => {
        ctx.type = 'application/octet-stream';
        ctx.body = Readable.from(this.flow());
      },
      { allow: 'unauthenticated' },
    );
  }

  /** How many parts of an endless answer were made. */
  made = 0;
  /** How many of them are being made. */
  flowing = 0;

  async *flow(): AsyncGenerator<Buffer> {
    this.flowing++;
    try {
      for (; ; this.made++) yield await Promise.resolve(Buffer.alloc(16_384, this.made % 256));
    } finally {
      this.flowing--;
    }
  }

  @Get('/greet/:name', { allow: 'unauthenticated' })
  greet(ctx: PluginContext): unknown {
    const { type } = ctx.credentials.principal;
    return { name: ctx.params['name'], headers: ctx.headers, by: type, address: ctx.ip };
  }

  @Put('/nothing', { allow: 'unauthenticated' })
  nothing(): void {}

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

  /** How many late answers were given. */
  late = 0;

  @Get('/late', { allow: 'unauthenticated' })
  async answerLate(ctx: PluginContext): Promise<unknown> {
    await new Promise(resolve => setTimeout(resolve, 150));
    this.late++;
    ctx.res.write('a part, ');
    return 'and the rest';
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
  const mirror = running.get(MirrorPlugin, { pluginId: 'mirror' });
  return { wire, mirror, hanging: mirror.hanging, [Symbol.asyncDispose]: () => running.stop() };
}

export const own = { credentials: 'own' } as const;

/** A backend of `asker` alone; `mirror` is at `port`. */
export async function startAsker(port: number) {
  const running = await TestBackend.start({
    features: [AskerPlugin],
    config: {
      discovery: { endpoints: [{ target: `http://127.0.0.1:${port}/api/{{pluginId}}`, plugins: ['mirror'] }] },
    },
  });
  const { wire } = running.get(AskerPlugin, { pluginId: 'asker' });
  return { wire, [Symbol.asyncDispose]: () => running.stop() };
}

/** A server that answers as it is told; closed with all its connections. */
export async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connections = new Set<Socket>();
  server.on('connection', socket => connections.add(socket));
  return {
    server,
    connections,
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function answerJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers });
  res.end(text);
}

export function answerError(
  res: ServerResponse,
  status: number,
  code: string,
  headers: OutgoingHttpHeaders = {},
): void {
  answerJson(res, status, { error: { code, message: code }, requestId: 'r' }, headers);
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to reject');
}
