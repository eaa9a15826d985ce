import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import compress from 'koa-compress';
import { z } from 'zod';
import { Controller, Inject, Plugin, Use } from '../../../decorators/index.js';
import { HttpRouterService, type PluginContext } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { defineApi, post } from '../../../lib/contract/index.js';
import { ConflictError, HttpError } from '../../../lib/errors/http-error.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { own } from './wire-fixture.js';

type Next = () => Promise<void>;
type Middleware = (ctx: PluginContext, next: Next) => unknown;
type Text = string | undefined;

const Note = z.object({ text: z.string() });
const note = { allow: 'unauthenticated', body: Note, response: Note, maxBodySize: 200 } as const;

const api = defineApi({
  pluginId: 'answers',
  operations: {
    plain: post('/plain', note),
    tagged: post('/tagged', note),
    ended: post('/ended', note),
    written: post('/written', note),
    headed: post('/headed', note),
    replaced: post('/replaced', note),
    refused: post('/refused', note),
    packed: post('/packed', note),
  },
});

/** As `etag` packages do: looks at what was answered, and says more about it. */
async function tag(ctx: PluginContext, next: Next): Promise<void> {
  const { end } = ctx.res;
  ctx.res.end = function (this: unknown, chunk: Text, ...rest: unknown[]) {
    const { res } = ctx;
    if (!res.headersSent)
      res.setHeader(
        'ETag',
        `"${createHash('sha1')
          .update(chunk ?? '')
          .digest('hex')}"`,
      );
    return (end as (...all: unknown[]) => unknown).call(res, chunk, ...rest);
  } as never;
  await next();
}

async function replaceEnd(ctx: PluginContext, next: Next): Promise<void> {
  const { res } = ctx;
  const { end } = res;
  res.end = ((chunk: Text) => end.call(res, chunk?.toUpperCase(), 'utf8')) as never;
  await next();
}

async function replaceWrite(ctx: PluginContext, next: Next): Promise<void> {
  const { res } = ctx;
  const { write, end } = res;
  res.write = ((chunk: Text) => write.call(res, `${chunk} `, 'utf8')) as never;
  res.end = ((chunk: Text) => {
    if (!res.headersSent) res.removeHeader('content-length');
    if (chunk !== undefined) write.call(res, chunk, 'utf8');
    return end.call(res, undefined, 'utf8');
  }) as never;
  await next();
}

async function replaceHead(ctx: PluginContext, next: Next): Promise<void> {
  const { res } = ctx;
  const { writeHead } = res;
  res.writeHead = (status: number, ...rest: unknown[]) => {
    res.setHeader('X-Status', String(status));
    return writeHead.call(res, status, ...(rest as []));
  };
  await next();
}

async function replaceBody(ctx: PluginContext, next: Next): Promise<void> {
  await next();
  if (!ctx.res.headersSent) ctx.body = { text: 'of the middleware' };
}

async function refuse(): Promise<void> {
  throw new ConflictError('Not now', { code: 'not_now', details: { until: 'tomorrow' } });
}

type Sent = { readonly body: { readonly text: string } };

@Controller(api)
class Answers {
  plain({ body }: Sent): Sent['body'] {
    return body;
  }
  @Use(tag as never)
  tagged({ body }: Sent): Sent['body'] {
    return body;
  }
  @Use(replaceEnd as never)
  ended({ body }: Sent): Sent['body'] {
    return body;
  }
  @Use(replaceWrite as never)
  written({ body }: Sent): Sent['body'] {
    return body;
  }
  @Use(replaceHead as never)
  headed({ body }: Sent): Sent['body'] {
    return body;
  }
  @Use(replaceBody as never)
  replaced({ body }: Sent): Sent['body'] {
    return body;
  }
  @Use(refuse as never)
  refused({ body }: Sent): Sent['body'] {
    return body;
  }
  @Use(compress({ threshold: 0 }) as never)
  packed({ body }: Sent): Sent['body'] {
    return body;
  }
}

const answers: Record<string, Middleware> = {
  text: ctx => (ctx.body = 'text'),
  html: ctx => (ctx.body = '<p>text'),
  empty: ctx => (ctx.body = ''),
  nothing: ctx => (ctx.body = null),
  status: ctx => (ctx.status = 202),
  teapot: ctx => (ctx.status = 418),
  'not-modified': ctx => (ctx.status = 304),
  json: ctx => (ctx.body = { a: [1, null, 'ü', { b: true }] }),
  bytes: ctx => (ctx.body = Buffer.from([0, 255, 128])),
  stream: ctx => (ctx.body = Readable.from([Buffer.from('one '), Buffer.from('two')])),
  'broken-stream': ctx =>
    (ctx.body = Readable.from(
      // eslint-disable-next-line require-yield
      (function* (): Generator<Buffer> {
        throw new Error('before the first byte');
      })(),
    )),
  redirect: ctx => ctx.redirect('/elsewhere'),
  cookies: ctx => {
    ctx.append('Set-Cookie', ['a=1', 'b=2']);
    ctx.body = 'with cookies';
  },
  list: ctx => {
    ctx.set('X-List', ['1', '2']);
    ctx.set('X-Blank', '  a  ');
    ctx.body = 'with lists';
  },
  etag: ctx => {
    ctx.set('ETag', '"one"');
    ctx.body = 'tagged';
    if (ctx.fresh) ctx.status = 304;
  },
  'lone-surrogate': ctx => (ctx.body = 'a\ud800b'),
  latin1: ctx => {
    ctx.respond = false;
    ctx.res.setHeader('Content-Type', 'text/plain; charset=latin1');
    ctx.res.end('ü', 'latin1');
  },
  pieces: ctx => {
    ctx.respond = false;
    ctx.res.write('one ');
    ctx.res.write(Buffer.from('two '));
    ctx.res.end('three');
  },
  'bad-chunk': ctx => {
    ctx.respond = false;
    ctx.res.end({} as never);
  },
  'bad-status': ctx => {
    ctx.respond = false;
    ctx.res.writeHead(42);
  },
  'bad-header': ctx => ctx.set('X-Bad', 'a\r\nb'),
  thrown: () => {
    throw new Error('secret');
  },
  'thrown-text': () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw 'secret';
  },
  'thrown-status': ctx => ctx.throw(409, 'told'),
  'thrown-http': () => {
    throw new HttpError(422, 'No', { code: 'no', details: [1], headers: { 'Retry-After': '7' } });
  },
  rejected: () => Promise.reject(new Error('secret')),
  unfinished: () => {},
};

@Plugin({ pluginId: 'answers', controllers: [Answers] })
class AnswersPlugin {
  constructor(@Inject(HttpRouterService) router: HttpRouterService) {
    const open = { allow: 'unauthenticated' } as const;
    for (const [name, middleware] of Object.entries(answers)) router.use(`/${name}`, middleware as never, open);
  }
}

@Plugin({ pluginId: 'asker' })
class AskerPlugin {
  constructor(@Inject(WireService) readonly wire: WireService) {}
}

/** Meant for browsers and for connections, and so not sent in memory. */
const ofTheWay =
  /^(?:date|connection|keep-alive|transfer-encoding|x-request-id|cache-control|vary|x-content-type-options|x-frame-options|x-dns-prefetch-control|x-download-options|x-permitted-cross-domain-policies|x-xss-protection|content-security-policy|cross-origin-.*|origin-agent-cluster|referrer-policy|strict-transport-security)$/;

async function seen(response: Response): Promise<unknown> {
  const bytes = Buffer.from(await response.arrayBuffer()).toString('latin1');
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !ofTheWay.test(name)));
  return {
    status: response.status,
    headers: { ...headers, 'set-cookie': response.headers.getSetCookie() },
    body: bytes.replace(/"requestId":"[^"]+"/, ''),
  };
}

describe('An answer in memory and over HTTP', () => {
  const backends = new Map<boolean, TestBackend>();

  before(async () => {
    for (const inMemory of [true, false]) {
      const logger = { level: 'silent' };
      const config = { backend: { listen: { host: '127.0.0.1', port: 0 }, logger }, discovery: { inMemory } };
      backends.set(inMemory, await TestBackend.start({ features: [AnswersPlugin, AskerPlugin], config }));
    }
  });

  after(() => Promise.all([...backends.values()].map(backend => backend.stop())));

  const wireOf = (inMemory: boolean) => backends.get(inMemory)!.get(AskerPlugin, { pluginId: 'asker' }).wire;

  const bothOf = async (ask: (wire: WireService) => Promise<unknown>) => {
    const outcome = (wire: WireService) => ask(wire).catch((error: unknown) => describeError(error));
    return [await outcome(wireOf(true)), await outcome(wireOf(false))];
  };

  for (const name of Object.keys(answers)) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      it(`is the same to ${method} /${name}`, async () => {
        const headers = { 'if-none-match': '"one"' };
        const [memory, http] = await bothOf(async wire =>
          seen(await wire.fetch(`plugin://answers/${name}`, { method, call: own, headers })),
        );

        expect(memory).to.deep.equal(http);
        expect(JSON.stringify(memory)).not.to.contain('secret');
      });
    }
  }

  for (const operation of [
    api.plain,
    api.tagged,
    api.ended,
    api.written,
    api.headed,
    api.replaced,
    api.refused,
    api.packed,
  ]) {
    for (const [what, text] of [
      ['as it is', 'a note'],
      ['as long as it may be', 'a'.repeat(200 - '{"text":""}'.length)],
      ['as long in bytes as it may be', 'ü'.repeat((200 - '{"text":""}'.length) >> 1)],
      ['one byte too long', 'a'.repeat(201 - '{"text":""}'.length)],
      ['too long in bytes alone', 'ü'.repeat(100)],
      ['too long once it is escaped', '\n'.repeat(100)],
      ['too long to be copied', 'a'.repeat(100_000)],
    ] as const) {
      it(`is the same from the operation '${operation.name}' to a body ${what}`, async () => {
        const [memory, http] = await bothOf(wire => wire.call(operation, { body: { text } }, own));

        expect(memory).to.deep.equal(http);
        if (what.includes('too') && operation.name !== 'refused') expect(memory).to.include({ status: 413 });
      });
    }
  }
});

function describeError(error: unknown): unknown {
  const { name, status, code, message, details } = error as Record<string, unknown>;
  return { name, status, code, message, details };
}
