import { bodyParser } from '@koa/bodyparser';
import { expect } from 'chai';
import Koa, { type Middleware } from 'koa';
import compress from 'koa-compress';
import session from 'koa-session';
import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginContext } from '../../../lib/api/http-services.js';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { HttpFixture } from './http-fixture.js';

// Packages without types.
const load = createRequire(import.meta.url);
const cors = load('@koa/cors') as (options: object) => Middleware;
const multer = load('@koa/multer') as () => { single(name: string): Middleware };
const mount = load('koa-mount') as (path: string, what: Koa) => Middleware;
const ratelimit = load('koa-ratelimit') as (options: object) => Middleware;
const serve = load('koa-static') as (folder: string) => Middleware;

const anybody = { allow: 'unauthenticated' } as const;

describe("Koa's middleware inside a plugin", () => {
  let server: HttpFixture;
  let one: PluginHttpRouter;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'koa-'));
    server = await HttpFixture.start({ compression: false });
    one = server.plugin('one');
    const two = server.plugin('two');
    two.use(ctx => {
      const { app, session: found, state } = ctx as PluginContext & { session?: unknown };
      ctx.body = { keys: app.keys ?? null, session: found ?? null, state, env: app.env };
    }, anybody);
  });

  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function send(path: string, body: string | FormData, type?: string) {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body, headers });
    return { status: response.status, body: await response.json() };
  }

  it('koa-static serves files below its path, and nothing outside of its folder', async () => {
    await writeFile(join(folder, 'page.html'), '<p>hello</p>');
    one.use('/files', serve(folder), anybody);

    const page = await server.ask('/api/one/files/page.html');
    const none = await server.ask('/api/one/files/none.html');
    const outside = await server.ask('/api/one/files/..%2f..%2fetc%2fpasswd');
    const partial = await server.ask('/api/one/files/page.html', { method: 'HEAD' });

    expect(page).to.include({ status: 200, text: '<p>hello</p>' });
    expect(page.headers['content-type']).to.match(/^text\/html/);
    expect([none.status, outside.status, partial.status]).to.deep.equal([404, 400, 200]);
    expect(partial.headers['content-length']).to.equal('12');
  });

  it('koa-compress compresses', async () => {
    one.use(compress({ threshold: 10 }), anybody);
    one.use(ctx => void (ctx.body = { text: 'x'.repeat(5_000) }), anybody);

    const { headers, status } = await server.ask('/api/one/x', { headers: { 'accept-encoding': 'gzip' } });

    expect(status).to.equal(200);
    expect(headers['content-encoding']).to.equal('gzip');
  });

  it('@koa/bodyparser reads bodies, and what it refuses is answered as our errors are', async () => {
    one.use(bodyParser({ jsonLimit: '1kb' }), anybody);
    one.use(ctx => void (ctx.body = { got: (ctx.request as { body?: unknown }).body }), anybody);

    const good = await send('/api/one/x', '{"a":1}', 'application/json');
    const form = await send('/api/one/x', 'a=1&b=2', 'application/x-www-form-urlencoded');
    const large = await send('/api/one/x', JSON.stringify('x'.repeat(2_000)), 'application/json');
    const bad = await send('/api/one/x', '{', 'application/json');

    expect(good).to.deep.equal({ status: 200, body: { got: { a: 1 } } });
    expect(form.body).to.deep.equal({ got: { a: '1', b: '2' } });
    expect([large.status, bad.status]).to.deep.equal([413, 400]);
    for (const { body } of [large, bad]) expect(body).to.have.property('requestId');
  });

  it('@koa/multer takes files', async () => {
    one.use(multer().single('file'), anybody);
    one.use(ctx => {
      const { file } = ctx as unknown as { file: { originalname: string; buffer: Buffer } };
      ctx.body = { name: file.originalname, text: file.buffer.toString() };
    }, anybody);
    const form = new FormData();
    form.set('file', new Blob(['content']), 'a.txt');

    expect(await send('/api/one/x', form)).to.deep.equal({ status: 200, body: { name: 'a.txt', text: 'content' } });
  });

  it('koa-session keeps a session, which no other plugin sees', async () => {
    const keys = ['key of one'];
    let installed: ReturnType<typeof session> | undefined;
    one.use((ctx, next) => {
      ctx.app.keys = keys;
      return (installed ??= session({ key: 'one.sess' }, ctx.app))(ctx, next);
    }, anybody);
    one.use(ctx => {
      const own = ctx.session as { views?: number };
      own.views = (own.views ?? 0) + 1;
      ctx.body = { views: own.views };
    }, anybody);

    const first = await server.ask('/api/one/x');
    const cookie = (first.headers['set-cookie'] ?? []).map(each => each.split(';')[0]).join('; ');
    const second = await server.ask('/api/one/x', { headers: { cookie } });
    const foreign = await server.ask('/api/two/x', { headers: { cookie } });

    expect([first.body, second.body]).to.deep.equal([{ views: 1 }, { views: 2 }]);
    expect(foreign.body).to.deep.equal({ keys: null, session: null, state: {}, env: 'test' });
    expect(foreign.headers).not.to.have.property('set-cookie');
  });

  it('koa-mount mounts middleware and whole applications', async () => {
    const inner = new Koa();
    inner.use(ctx => void (ctx.body = { path: ctx.path, mount: (ctx as { mountPath?: string }).mountPath }));
    one.use(mount('/inner', inner), anybody);
    one.use(ctx => void (ctx.body = { path: ctx.path }), anybody);

    expect((await server.ask('/api/one/inner/x')).body).to.deep.equal({ path: '/x', mount: '/inner' });
    expect((await server.ask('/api/one/outer')).body).to.deep.equal({ path: '/outer' });
  });

  it('@koa/cors answers preflights of its plugin only, and keeps its headers on errors', async () => {
    one.use(cors({ origin: 'https://a.example.com', keepHeadersOnError: true }), anybody);
    one.use(ctx => ctx.throw(409, 'taken'), anybody);
    const headers = { origin: 'https://a.example.com', 'access-control-request-method': 'PUT' };

    const preflight = await server.ask('/api/one/x', { method: 'OPTIONS', headers });
    const failed = await server.ask('/api/one/x', { headers });
    const foreign = await server.ask('/api/two/x', { headers });

    expect(preflight.status).to.equal(204);
    expect(failed.status).to.equal(409);
    for (const answer of [preflight, failed]) {
      expect(answer.headers['access-control-allow-origin']).to.equal('https://a.example.com');
    }
    expect(foreign.headers).not.to.have.property('access-control-allow-origin');
  });

  it('koa-ratelimit limits its plugin only', async () => {
    const id = (ctx: { ip: string }) => ctx.ip;
    one.use(ratelimit({ driver: 'memory', db: new Map(), duration: 60_000, max: 1, id }), anybody);
    one.use(ctx => void (ctx.body = 'ok'), anybody);

    const statuses = [];
    for (const path of ['/api/one/x', '/api/one/x', '/api/two/x']) statuses.push((await server.ask(path)).status);

    expect(statuses).to.deep.equal([200, 429, 200]);
  });
});
