import { expect } from 'chai';
import {
  Get,
  HttpRouterService,
  Plugin,
  Post,
  RootHttpRouterService,
  Use,
  type PluginContext,
} from '../../lib/index.js';
import type { Class } from '../../decorators/tokens.js';
import { TestBackend } from '../../lib/testing/index.js';

const open = { allow: 'unauthenticated' } as const;

/** A plugin that answers everything below its path with its id and the path it sees. */
function echo(pluginId: string): Class {
  @Plugin({ pluginId })
  class Echo {
    constructor(router: HttpRouterService) {
      router.use(ctx => void (ctx.body = { pluginId, path: ctx.path }), open);
    }
  }
  return Echo;
}

const ids = [
  'foo',
  'foo-bar',
  'foo-bar-baz',
  'fo',
  'f',
  'foobar',
  'bar',
  'api',
  'a',
  'api-foo',
  'backplane',
  'well-known',
  'health',
  'x1',
  'x10',
  'x',
  'foo2',
  'foo-2',
  'root',
  'constructor',
];

/** Paths, with the plugin they belong to; of all others nobody answers. */
const paths: readonly (readonly [path: string, owner: string | undefined])[] = [
  ...['foo', 'foo-bar', 'fo', 'x1', 'x10', 'api', 'constructor'].map(id => [`/api/${id}/x`, id] as const),
  ['/api/foo', 'foo'],
  ['/api/foo/', 'foo'],
  ['/api/foo/bar', 'foo'],
  ['/api/foo/api/foo-bar/x', 'foo'],
  ['/api/api/api', 'api'],
  ['/api/FOO/x', undefined],
  ['/api/foo-', undefined],
  ['/api/foo_bar/x', undefined],
  ['/api/-foo/x', undefined],
  ['/api/fooo/x', undefined],
  ['/api/__proto__/x', undefined],
  ['/api/toString/x', undefined],
  ['/foo/x', undefined],
  ['/api', undefined],
  ['/api/', undefined],
  ['/API/foo/x', undefined],
];

describe('The path of a plugin', () => {
  let backend: TestBackend;

  before(async () => {
    backend = await TestBackend.start({ features: ids.map(echo) });
  });

  after(() => backend.stop());

  for (const [path, owner] of paths) {
    it(`I29 ${path} is ${owner === undefined ? 'nobody’s' : `that of ${owner}`}`, async () => {
      const { status, body } = await backend.request.get(path);

      if (owner === undefined) expect(status).to.be.oneOf([400, 404]);
      else expect([status, (body as { pluginId: string }).pluginId]).to.deep.equal([200, owner]);
    });
  }

  it('I29 is the whole segment, for every plugin and every path that looks like another’s', async () => {
    for (const id of ids) {
      for (const rest of ['/x', '-bar/x', '%2fbar/x', '//x', ';a=b/x']) {
        const { status, body } = await backend.request.get(`/api/${id}${rest}`);
        if (status === 200) expect(rest === '/x' ? id : `${id}-bar`).to.equal((body as { pluginId: string }).pluginId);
        else expect(status, `${id}${rest}`).to.be.oneOf([400, 404]);
      }
    }
  });

  it('I29 tells a plugin only what is below it', async () => {
    expect((await backend.request.get('/api/foo-bar/x')).body).to.deep.equal({ pluginId: 'foo-bar', path: '/x' });
  });
});

describe('A plugin with the root router', () => {
  async function codeOf(use: (router: RootHttpRouterService) => void): Promise<unknown> {
    let code: unknown = 'nothing thrown';
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(router: RootHttpRouterService) {
        try {
          use(router);
        } catch (error) {
          ({ code } = error as { code: unknown });
        }
      }
    }
    await using _backend = await TestBackend.start({ features: [PluginA, echo('b')] });
    return code;
  }

  for (const path of [
    '/',
    '/api',
    '/api/b',
    '/api/b/x',
    '/API/b',
    '/.backplane',
    '/.backplane/health',
    '/.well-known/x',
  ]) {
    it(`I29 cannot take ${path}`, async () => {
      expect(await codeOf(router => router.use(path, ctx => void (ctx.body = 'mine')))).to.be.oneOf([
        'ROUTE_CONFLICT',
        'INVALID_PATH',
      ]);
    });
  }

  it('I29 cannot mount or unmount another plugin', async () => {
    const mount = { pluginId: 'b', handle: async () => {} };

    expect(await codeOf(router => router.mount(mount))).to.equal('FOREIGN_MOUNT');
    expect(await codeOf(router => router.unmount('b'))).to.equal('FOREIGN_MOUNT');
  });

  it('I32 answers at a path of its own, and sees no request to anything else', async () => {
    const seen: string[] = [];
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(root: RootHttpRouterService, own: HttpRouterService) {
        root.use('/status-page', async (ctx, next) => {
          seen.push(ctx.originalUrl);
          await next();
          ctx.body = 'fine';
        });
        own.use(async (ctx, next) => {
          seen.push(ctx.originalUrl);
          await next();
        }, open);
      }
    }
    await using backend = await TestBackend.start({ features: [PluginA, echo('b')] });

    for (const path of ['/status-page', '/api/b/x', '/api/a/x', '/.backplane/health/v1/liveness', '/nothing']) {
      await backend.request.get(path);
    }

    expect(seen).to.deep.equal(['/status-page', '/api/a/x']);
  });

  it('I32 does not change the errors or the answers of others', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(own: HttpRouterService) {
        own.use(async (ctx, next) => {
          ctx.app.on('error', () => {});
          ctx.app.use(async (inner: PluginContext) => void (inner.body = 'taken over'));
          ctx.app.context.body = 'taken over';
          Object.assign(ctx, { onerror: () => ctx.res.end('taken over') });
          try {
            await next();
          } catch {
            ctx.body = 'swallowed';
          }
        }, open);
      }
    }
    @Plugin({ pluginId: 'b' })
    class PluginB {
      @Get('/fine', open)
      fine(): string {
        return 'fine';
      }
      @Get('/wrong', open)
      wrong(): never {
        throw new Error('wrong');
      }
    }
    await using backend = await TestBackend.start({
      features: [PluginA, PluginB],
      config: { backend: { logger: { level: 'error' } } },
    });
    await backend.request.get('/api/a/anything');

    expect((await backend.request.get('/api/b/fine')).text).to.equal('fine');
    expect((await backend.request.get('/api/b/wrong')).body).to.have.nested.property(
      'error.code',
      'internal_server_error',
    );
  });
});

describe('The context of a request', () => {
  const contexts: Record<string, PluginContext> = {};

  @Plugin({ pluginId: 'a' })
  class PluginA {
    @Get('/leave', open)
    @Use(async (ctx, next) => {
      ctx.state['user'] = 'of a';
      ctx.set('X-From-A', 'yes');
      await next();
    })
    leave(ctx: PluginContext): string {
      contexts['a'] = ctx;
      Object.assign(ctx, { user: 'of a' });
      Object.assign(ctx.app, { shared: 'of a' });
      Object.assign(ctx.request, { shared: 'of a' });
      return 'left';
    }
  }

  @Plugin({ pluginId: 'b' })
  class PluginB {
    @Get('/find', open)
    find(ctx: PluginContext): unknown {
      contexts['b'] = ctx;
      return {
        state: ctx.state,
        user: (ctx as { user?: unknown }).user,
        app: (ctx.app as { shared?: unknown }).shared,
      };
    }
    @Post('/find', open)
    findAlso(ctx: PluginContext): unknown {
      return { state: ctx.state };
    }
  }

  let backend: TestBackend;

  before(async () => {
    backend = await TestBackend.start({ features: [PluginA, PluginB] });
  });

  after(() => backend.stop());

  it('I31 carries nothing from one plugin to another', async () => {
    await backend.request.get('/api/a/leave');
    const { body, headers } = await backend.request.get('/api/b/find');

    expect(body).to.deep.equal({ state: {} });
    expect(headers).to.not.have.property('x-from-a');
  });

  it('I31 carries nothing from one request to the next', async () => {
    await backend.request.get('/api/a/leave');
    const first = contexts['a'];
    await backend.request.get('/api/a/leave');

    expect(contexts['a']).to.not.equal(first);
    expect(contexts['a']!.state).to.not.equal(first!.state);
  });

  it('I31 has the application of its own plugin, with prototypes of its own', async () => {
    await backend.request.get('/api/a/leave');
    await backend.request.get('/api/b/find');
    const { a, b } = contexts as { a: PluginContext; b: PluginContext };

    expect(a.app).to.not.equal(b.app);
    expect(Object.getPrototypeOf(a)).to.not.equal(Object.getPrototypeOf(b));
    expect(Object.getPrototypeOf(a.request)).to.not.equal(Object.getPrototypeOf(b.request));
    expect(Object.getPrototypeOf(a.response)).to.not.equal(Object.getPrototypeOf(b.response));
  });

  it('I31 has a state without a prototype, which a request cannot reach', async () => {
    await backend.request.get('/api/b/find?__proto__[admin]=1&constructor[prototype][admin]=1');
    const { state, query } = contexts['b']!;

    expect(Object.getPrototypeOf(state)).to.equal(null);
    expect((state as { admin?: unknown }).admin ?? (query as { admin?: unknown }).admin).to.equal(undefined);
  });

  it('I31 names the plugin that answers', async () => {
    await backend.request.get('/api/b/find');

    expect(contexts['b']!.pluginId).to.equal('b');
    expect(() => Object.assign(contexts['b']!, { pluginId: 'a' })).to.throw(TypeError);
  });
});
