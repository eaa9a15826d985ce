import { expect } from 'chai';
import compress from 'koa-compress';
import session from 'koa-session';
import type Koa from 'koa';
import { gunzipSync } from 'node:zlib';
import { finished } from 'node:stream';
import { Inject, Plugin } from '../../../decorators/index.js';
import { HttpRouterService } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { own } from './wire-fixture.js';

@Plugin({ pluginId: 'classic' })
class ClassicPlugin {
  readonly ended: unknown[] = [];

  constructor(@Inject(HttpRouterService) router: HttpRouterService) {
    const open = { allow: 'unauthenticated' } as const;
    let sessions: Koa.Middleware | undefined;
    router.use('/compressed', compress({ threshold: 0 }), open);
    router.use(
      '/compressed',
      ctx => {
        ctx.body = 'hello '.repeat(1_000);
      },
      open,
    );
    router.use(
      '/session',
      (ctx, next) => {
        ctx.app.keys ??= ['some key'];
        sessions ??= session({ key: 'sid' }, ctx.app as unknown as Koa) as unknown as Koa.Middleware;
        return sessions(ctx as never, next);
      },
      open,
    );
    router.use(
      '/session',
      ctx => {
        const kept = ctx['session'] as { views?: number };
        kept.views = (kept.views ?? 0) + 1;
        ctx.body = { views: kept.views };
      },
      open,
    );
    router.use(
      '/ends',
      ctx => {
        finished(ctx.res, error => this.ended.push(error));
        ctx.res.on('close', () => this.ended.push('close'));
        ctx.body = 'done';
      },
      open,
    );
    router.use(
      '/raw',
      ctx => {
        ctx.respond = false;
        ctx.res.writeHead(202, 'Fine', ['x-one', '1', 'X-Two', '2']);
        ctx.res.write(Buffer.from('one '), () => ctx.res.end('two'));
      },
      open,
    );
    router.use(
      '/split',
      ctx => {
        ctx.set('x-bad', 'a\r\nset-cookie: b');
      },
      open,
    );
    router.use(
      '/short',
      ctx => {
        ctx.respond = false;
        ctx.res.writeHead(200, { 'content-length': 2 });
        ctx.res.end('more than two');
      },
      open,
    );
  }
}

@Plugin({ pluginId: 'asker' })
class AskerPlugin {
  constructor(@Inject(WireService) readonly wire: WireService) {}
}

for (const [transport, inMemory] of [
  ['in memory', true],
  ['over HTTP', false],
] as const) {
  describe(`Koa middleware that is called ${transport}`, () => {
    let backend: TestBackend;

    before(async () => {
      backend = await TestBackend.start({
        features: [ClassicPlugin, AskerPlugin],
        config: {
          backend: { listen: { host: '127.0.0.1', port: 0 }, logger: { level: 'silent' } },
          discovery: { inMemory },
        },
      });
    });
    after(() => backend.stop());

    const ask = (path: string, headers: Record<string, string> = {}) =>
      backend.get(AskerPlugin, { pluginId: 'asker' }).wire.fetch(`plugin://classic${path}`, { call: own, headers });

    it('compresses for those who ask for it (koa-compress)', async () => {
      const plain = await ask('/compressed');
      const zipped = await ask('/compressed', { 'accept-encoding': 'gzip' });

      expect(await plain.text()).to.equal('hello '.repeat(1_000));
      expect(zipped.headers.get('content-encoding')).to.equal('gzip');
      expect(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()).to.equal('hello '.repeat(1_000));
    });

    it('keeps sessions in cookies (koa-session)', async () => {
      const response = await ask('/session');

      expect(await response.json()).to.deep.equal({ views: 1 });
      expect(response.headers.getSetCookie().join()).to.match(/sid=.*sid\.sig=/);
    });

    it('is told when the answer has ended', async () => {
      const { ended } = backend.get(ClassicPlugin, { pluginId: 'classic' });

      expect(await (await ask('/ends')).text()).to.equal('done');
      await new Promise(resolve => setTimeout(resolve, 20));
      expect(ended).to.have.members([undefined, 'close']);
    });

    it('writes to the response itself', async () => {
      const response = await ask('/raw');

      expect(response.status).to.equal(202);
      expect([response.headers.get('x-one'), response.headers.get('x-two')]).to.deep.equal(['1', '2']);
      expect(await response.text()).to.equal('one two');
    });

    it('cannot set a header of two lines', async () => {
      expect((await ask('/split')).status).to.equal(500);
    });

    it('cannot answer with more than it has said', async () => {
      const outcome = await ask('/short')
        .then(response => response.text())
        .catch((error: unknown) => error);

      expect(outcome).not.to.equal('more than two');
    });
  });
}
