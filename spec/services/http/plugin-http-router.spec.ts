import { Router } from '@koa/router';
import { expect } from 'chai';
import { Readable } from 'node:stream';
import type { PluginContext, RouteDefinition } from '../../../lib/api/http-services.js';
import type { BackplaneError } from '../../../lib/errors/backplane-error.js';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { HttpFixture } from './http-fixture.js';

const open = { allow: 'unauthenticated' } as const;

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as BackplaneError).code;
  }
};

describe('PluginHttpRouter', () => {
  let http: HttpFixture;
  let router: PluginHttpRouter;

  beforeEach(async () => {
    http = await HttpFixture.start();
    router = http.plugin('catalog');
  });

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  describe('annotated routes', () => {
    it('are found by method and whole path', async () => {
      http.route(router, 'GET /a', () => 'get');
      http.route(router, 'POST /a', () => 'post');
      http.route(router, 'GET /a/b', () => 'deeper');

      expect((await http.ask('/api/catalog/a')).text).to.equal('get');
      expect((await http.ask('/api/catalog/a', { method: 'POST' })).text).to.equal('post');
      expect((await http.ask('/api/catalog/a/b')).text).to.equal('deeper');
    });

    it('may be the path of the plugin itself', async () => {
      http.route(router, 'GET /', ctx => ctx.path);

      expect((await http.ask('/api/catalog')).text).to.equal('/');
      expect((await http.ask('/api/catalog/')).text).to.equal('/');
      expect((await http.ask('/api/catalog?a=b')).text).to.equal('/');
    });

    it('have parameters, decoded once', async () => {
      http.route(router, 'GET /entities/:kind/:name', ctx => ctx.params);

      const { body } = await http.ask('/api/catalog/entities/component/%40scope%2Fna%20me%2525');

      expect(body).to.deep.equal({ kind: 'component', name: '@scope/na me%25' });
    });

    it('take nothing for no parameter', async () => {
      http.route(router, 'GET /:name', () => 'name');
      http.route(router, 'GET /a/:name', () => 'b');

      for (const path of ['', '/', '/a/']) {
        expect((await http.ask(`/api/catalog${path}`)).status, path).to.equal(404);
      }
      expect((await http.ask('/api/catalog/', { method: 'POST' })).status).to.equal(404);
      expect((await http.ask('/api/catalog/n')).text).to.equal('name');
    });

    it('may have parameters of two thousand characters', async () => {
      http.route(router, 'GET /a/:name', ctx => ctx.params['name']);

      const name = 'n'.repeat(1_900);

      expect((await http.ask(`/api/catalog/a/${name}`)).text).to.equal(name);
    });

    it('without parameters come first', async () => {
      http.route(router, 'GET /:id', () => 'any');
      http.route(router, 'GET /special', () => 'special');
      http.route(router, 'POST /:id', () => 'posted');

      expect((await http.ask('/api/catalog/special')).text).to.equal('special');
      expect((await http.ask('/api/catalog/other')).text).to.equal('any');
      expect((await http.ask('/api/catalog/special', { method: 'POST' })).text).to.equal('posted');
    });

    it('refuse another one for the same requests, naming both', () => {
      http.route(router, 'GET /a', () => 1);
      http.route(router, 'GET /:id/x', () => 1);

      expect(codeOf(() => http.route(router, 'GET /a', () => 2))).to.equal('ROUTE_CONFLICT');
      expect(codeOf(() => http.route(router, 'GET /:name/x', () => 2))).to.equal('ROUTE_CONFLICT');
      expect(codeOf(() => http.route(router, 'PUT /:name/x', () => 2))).to.equal(undefined);
    });

    it('refuse a policy that is none, which would let in whom nobody has meant', () => {
      const route: RouteDefinition = { method: 'GET', path: '/x', answer: () => {} };
      for (const allow of ['service', 'user-cookie', ['users'], null] as never[]) {
        for (const add of [
          () => http.route(router, 'GET /x', () => 1, { allow }),
          () => router.addRoute({ ...route, allow }),
          () => router.use('/x', () => {}, { allow }),
          () => router.upgrade('/x', () => {}, { allow }),
        ])
          expect(codeOf(add), JSON.stringify(allow)).to.equal('INVALID_ROUTE');
      }
      expect(codeOf(() => router.use('/x', () => {}, { alow: ['user'] } as never))).to.equal('INVALID_ROUTE');
    });

    it('refuse patterns other than whole segments', () => {
      for (const path of [
        '/a//b',
        '/a/',
        '/*',
        '/a*',
        '/:id(\\d+)',
        '/:a-:b',
        '/:a?',
        '/a b',
        '/../a',
        '/:a/:a',
        '/%41',
        '/:',
      ]) {
        expect(
          codeOf(() => http.route(router, `GET ${path}`, () => 1)),
          path,
        ).to.equal('INVALID_ROUTE');
      }
    });

    it('run the middleware of @Use around the method, outermost first', async () => {
      const mark = (name: string) => async (ctx: PluginContext, next: () => Promise<void>) => {
        ctx.append('x-order', `${name}-in`);
        await next();
        ctx.append('x-order', `${name}-${JSON.stringify(ctx.body)}`);
      };
      http.route(router, 'GET /a', () => ({ n: 1 }), { middleware: [mark('a'), mark('b')] });

      const { headers, body } = await http.ask('/api/catalog/a');

      expect(headers['x-order']).to.equal('a-in, b-in, b-{"n":1}, a-{"n":1}');
      expect(body).to.deep.equal({ n: 1 });
    });

    it('are 404 where middleware neither answers nor goes on', async () => {
      http.route(router, 'GET /a', () => 'yes', { middleware: [() => {}] });

      expect((await http.ask('/api/catalog/a')).status).to.equal(404);
    });

    it('are not answered by their method where middleware answers', async () => {
      const refuse = (ctx: PluginContext) => {
        ctx.status = 418;
        ctx.body = 'no';
      };
      http.route(router, 'GET /a', () => 'yes', { middleware: [refuse] });

      expect(await http.ask('/api/catalog/a')).to.include({ status: 418, text: 'no' });
    });
  });

  describe('what a method returns', () => {
    const values: [string, unknown, number, string, string][] = [
      ['an object', { a: 1 }, 200, 'application/json; charset=utf-8', '{"a":1}'],
      ['an array', [1, 'a'], 200, 'application/json; charset=utf-8', '[1,"a"]'],
      ['a number', 0, 200, 'application/json; charset=utf-8', '0'],
      ['false', false, 200, 'application/json; charset=utf-8', 'false'],
      ['null', null, 200, 'application/json; charset=utf-8', 'null'],
      ['a string', 'ö', 200, 'text/plain; charset=utf-8', 'ö'],
      ['a string that looks like HTML', '<b>', 200, 'text/plain; charset=utf-8', '<b>'],
      ['an empty string', '', 200, 'text/plain; charset=utf-8', ''],
      ['an instance', new (class A { a = 1 })(), 200, 'application/json; charset=utf-8', '{"a":1}'],
      ['a Buffer', Buffer.from('bytes'), 200, 'application/octet-stream', 'bytes'],
      ['a Blob', new Blob(['blob'], { type: 'image/x' }), 200, 'image/x', 'blob'],
    ]; // prettier-ignore
    for (const [what, value, status, type, text] of values) {
      for (const middleware of [[], [(_ctx: unknown, next: () => unknown) => next()]]) {
        it(`is the answer: ${what}${middleware.length > 0 ? ', through middleware' : ''}`, async () => {
          http.route(router, 'GET /a', () => value, { middleware });

          const answer = await http.ask('/api/catalog/a');

          expect(answer).to.include({ status, text });
          expect(answer.headers['content-type']).to.equal(type);
          expect(answer.headers['content-length']).to.equal(String(Buffer.byteLength(text)));
        });
      }
    }

    it('may be a stream', async () => {
      http.route(router, 'GET /a', ctx => {
        ctx.type = 'text';
        return Readable.from(['a', 'b']);
      });

      expect((await http.ask('/api/catalog/a')).text).to.equal('ab');
    });

    it('is 204 for undefined, with and without middleware', async () => {
      http.route(router, 'GET /a', () => undefined);
      http.route(router, 'GET /b', async () => {}, { middleware: [(_ctx: unknown, next: () => unknown) => next()] });

      for (const path of ['/api/catalog/a', '/api/catalog/b']) {
        const { status, text, headers } = await http.ask(path);
        expect({ status, text }).to.deep.equal({ status: 204, text: '' });
        expect(headers).not.to.have.property('content-type');
      }
    });

    it('keeps the status and the type that the method chose', async () => {
      http.route(router, 'GET /a', ctx => {
        ctx.status = 201;
        ctx.type = 'text/html';
        return '<b>';
      });
      http.route(router, 'GET /b', ctx => {
        ctx.status = 404;
        return { gone: true };
      });
      http.route(router, 'GET /c', ctx => void (ctx.status = 202));

      const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(name => http.ask(`/api/catalog/${name}`)));

      expect(a).to.include({ status: 201, text: '<b>' });
      expect(a!.headers['content-type']).to.contain('text/html');
      expect(b).to.deep.include({ status: 404, body: { gone: true } });
      expect(c).to.include({ status: 202, text: '' });
    });

    it('leaves what the method put into the context', async () => {
      http.route(router, 'GET /a', ctx => void (ctx.body = 'body'));
      http.route(router, 'GET /b', ctx => ctx.redirect('/elsewhere'));
      http.route(router, 'GET /c', ctx => void ctx.res.end('raw'));
      http.route(router, 'GET /d', ctx => {
        ctx.respond = false;
        setTimeout(() => ctx.res.end('late'), 20);
      });

      const [a, b, c, d] = await Promise.all(['a', 'b', 'c', 'd'].map(name => http.ask(`/api/catalog/${name}`)));

      expect(a).to.include({ status: 200, text: 'body' });
      expect(b!.headers.location).to.equal('/elsewhere');
      expect(c!.text).to.equal('raw');
      expect(d!.text).to.equal('late');
    });

    for (const status of [100, 101, 102, 103, 199]) {
      it(`is a failure with status ${status}, which does not end an answer`, async () => {
        http.route(router, 'GET /returned', ctx => {
          ctx.status = status;
          return 'text';
        });
        http.route(router, 'GET /nothing', ctx => void (ctx.status = status));
        http.route(router, 'GET /put', ctx => {
          ctx.body = Readable.from(['text']);
          ctx.status = status;
        });
        router.use('/used', ctx => void (ctx.res.statusCode = status), { allow: 'unauthenticated' });

        const paths = ['returned', 'nothing', 'put', 'used'].map(path => `/api/catalog/${path}`);
        const answers = await Promise.all(paths.map(path => http.ask(path)));

        expect(answers.map(answer => answer.status)).to.deep.equal([500, 500, 500, 500]);
        const failures = http.logger.entries.filter(({ level }) => level === 'error');
        expect(String(failures.at(-1)?.meta['error'])).to.include(`status ${status}`);
      });
    }

    it('gets our body where it is only the status of an error', async () => {
      http.route(router, 'GET /a', ctx => void (ctx.status = 409));

      const { status, body } = await http.ask('/api/catalog/a');

      expect(status).to.equal(409);
      expect(body).to.have.nested.property('error.code', 'conflict');
    });
  });

  describe('HEAD', () => {
    it('has the headers of GET and no body', async () => {
      http.route(router, 'GET /a', ctx => ({ method: ctx.method }));

      const { status, text, headers } = await http.ask('/api/catalog/a', { method: 'HEAD' });

      expect({ status, text }).to.deep.equal({ status: 200, text: '' });
      expect(headers['content-length']).to.equal(String('{"method":"HEAD"}'.length));
    });

    it('S17: is guarded like GET, and the method does not run', async () => {
      let runs = 0;
      http.route(router, 'GET /a', () => ++runs, { allow: ['user'] });

      const { status, headers } = await http.ask('/api/catalog/a', { method: 'HEAD' });

      expect(status).to.equal(401);
      expect(headers['www-authenticate']).to.equal('Bearer');
      expect(runs).to.equal(0);
    });

    it('is not allowed where there is no GET', async () => {
      http.route(router, 'POST /a', () => 1);

      expect((await http.ask('/api/catalog/a', { method: 'HEAD' })).status).to.equal(405);
    });
  });

  describe('another method', () => {
    beforeEach(() => {
      http.route(router, 'GET /a', () => 1, { allow: ['user'] });
      http.route(router, 'PUT /a', () => 1);
      http.route(router, 'DELETE /:id', () => 1);
    });

    for (const method of ['POST', 'PATCH', 'TRACE', 'PROPFIND']) {
      it(`S16: is 405 with the ones there are: ${method}`, async () => {
        const { status, headers, body } = await http.ask('/api/catalog/a', { method });

        expect(status).to.equal(405);
        expect(headers.allow).to.equal('HEAD, GET, PUT, DELETE, OPTIONS');
        expect(body).to.have.nested.property('error.code', 'method_not_allowed');
      });
    }

    it('is 404 where no method has the path', async () => {
      for (const method of ['POST', 'TRACE', 'OPTIONS']) {
        expect((await http.ask('/api/catalog/a/b', { method })).status).to.equal(404);
      }
    });

    it('is told which ones there are for OPTIONS', async () => {
      const { status, headers } = await http.ask('/api/catalog/a', { method: 'OPTIONS' });

      expect(status).to.equal(204);
      expect(headers.allow).to.equal('HEAD, GET, PUT, DELETE, OPTIONS');
    });
  });

  describe('the gate', () => {
    it('S62: refuses who has no credentials, before middleware and method', async () => {
      let runs = 0;
      const count = (_ctx: unknown, next: () => unknown) => {
        runs++;
        return next();
      };
      http.route(router, 'GET /a', () => ++runs, { allow: undefined, middleware: [count] });
      http.route(router, 'GET /b', () => ++runs, { allow: ['user', 'service'], middleware: [count] });
      http.route(router, 'GET /c', () => ++runs, { allow: [], middleware: [count] });

      for (const name of ['a', 'b', 'c']) {
        const { status, body, headers } = await http.ask(`/api/catalog/${name}`);
        expect(status).to.equal(401);
        expect(headers['www-authenticate']).to.equal('Bearer');
        expect(body).to.have.nested.property('error.code', 'missing_credentials');
      }
      expect(runs).to.equal(0);
    });

    it('refuses who has no credentials what is used without a word', async () => {
      let runs = 0;
      router.use(() => void runs++);

      expect((await http.ask('/api/catalog/a')).status).to.equal(401);
      expect(runs).to.equal(0);
    });

    it('is that of each thing used, in order', async () => {
      router.use('/open', ctx => void (ctx.body = 'open'), open);
      router.use('/shut', ctx => void (ctx.body = 'shut'), { allow: ['user'] });
      router.use(ctx => void (ctx.body = 'rest'), open);

      expect((await http.ask('/api/catalog/open/x')).text).to.equal('open');
      expect((await http.ask('/api/catalog/shut/x')).status).to.equal(401);
      expect((await http.ask('/api/catalog/other')).text).to.equal('rest');
    });
  });

  describe('use()', () => {
    it('is asked after the annotated routes', async () => {
      http.route(router, 'GET /a', () => 'annotated');
      router.use(ctx => void (ctx.body = `used ${ctx.path}`), open);

      expect((await http.ask('/api/catalog/a')).text).to.equal('annotated');
      expect((await http.ask('/api/catalog/a', { method: 'POST' })).text).to.equal('used /a');
    });

    it('hides its path from the middleware, and shows it again to the next', async () => {
      const seen: string[] = [];
      router.use('/a/b', async (ctx, next) => {
        seen.push(ctx.url);
        await next();
        seen.push(ctx.url);
      }, open); // prettier-ignore
      router.use(ctx => {
        seen.push(ctx.url);
        ctx.body = ctx.originalUrl;
      }, open);

      const { text } = await http.ask('/api/catalog/a/b/c?d=e');

      expect(seen).to.deep.equal(['/c?d=e', '/a/b/c?d=e', '/c?d=e']);
      expect(text).to.equal('/api/catalog/a/b/c?d=e');
    });

    it('goes by whole segments and by case', async () => {
      router.use('/a', ctx => void (ctx.body = ctx.path), open);

      expect((await http.ask('/api/catalog/a')).text).to.equal('/');
      expect((await http.ask('/api/catalog/ab')).status).to.equal(404);
      expect((await http.ask('/api/catalog/A')).status).to.equal(404);
    });

    it('gives middleware no encoded separator, which it might decode after it was compared', async () => {
      router.use(ctx => void (ctx.body = decodeURIComponent(ctx.path)), open);

      expect((await http.ask('/api/catalog/%2fshut')).status).to.equal(400);
      expect((await http.ask('/api/catalog/x%5c..')).status).to.equal(400);
    });

    it('asks one after the other until one answers', async () => {
      router.use(async (ctx, next) => {
        await next();
        ctx.set('x-first', String(ctx.body));
      }, open); // prettier-ignore
      router.use(ctx => void (ctx.body = 'second'), open);
      router.use(ctx => void (ctx.body = 'third'), open);

      const { text, headers } = await http.ask('/api/catalog/any');

      expect(text).to.equal('second');
      expect(headers['x-first']).to.equal('second');
    });

    it('S16: is not asked about other methods than the usual ones', async () => {
      router.use(ctx => void (ctx.body = 'used'), open);

      expect((await http.ask('/api/catalog/any', { method: 'TRACE' })).status).to.equal(404);
      expect((await http.ask('/api/catalog/any', { method: 'OPTIONS' })).text).to.equal('used');
    });

    it('fails where middleware goes on twice', async () => {
      router.use(async (_ctx, next) => {
        await next();
        await next();
      }, open); // prettier-ignore

      expect((await http.ask('/api/catalog/any')).status).to.equal(500);
    });

    it('takes a router of @koa/router as it is', async () => {
      const inner = new Router({ prefix: '/v1' });
      inner.get('/things/:id', ctx => {
        ctx.body = { id: ctx['params'].id, plugin: (ctx as never as PluginContext).pluginId };
      });
      inner.post('/things', ctx => {
        ctx.status = 201;
        ctx.body = 'made';
      });
      router.use('/inner', inner, open);
      router.use('/inner', inner.allowedMethods(), open);

      const found = await http.ask('/api/catalog/inner/v1/things/7');
      const made = await http.ask('/api/catalog/inner/v1/things', { method: 'POST' });
      const refused = await http.ask('/api/catalog/inner/v1/things', { method: 'DELETE' });

      expect(found.body).to.deep.equal({ id: '7', plugin: 'catalog' });
      expect(made).to.include({ status: 201, text: 'made' });
      expect(refused.status).to.equal(405);
      expect(refused.headers.allow).to.contain('POST');
      expect(refused.body).to.have.nested.property('error.code', 'method_not_allowed');
      expect((await http.ask('/api/catalog/inner/v1/none')).status).to.equal(404);
    });

    it('refuses what is neither middleware nor a router', () => {
      expect(codeOf(() => router.use('no' as never))).to.equal('INVALID_MIDDLEWARE');
      expect(codeOf(() => router.use('/a', { routes: 1 } as never))).to.equal('INVALID_MIDDLEWARE');
      expect(codeOf(() => router.use('/a/:id', () => {}))).to.equal('INVALID_PATH');
    });

    it('may be called while requests are answered', async () => {
      expect((await http.ask('/api/catalog/late')).status).to.equal(404);

      router.use(ctx => void (ctx.body = 'late'), open);

      expect((await http.ask('/api/catalog/late')).text).to.equal('late');
    });
  });

  describe('ends with the plugin', () => {
    it('and can be mounted again', async () => {
      http.route(router, 'GET /a', () => 'first');

      router[Symbol.dispose]();
      const between = await http.ask('/api/catalog/a');
      http.route(http.plugin('catalog'), 'GET /a', () => 'second');

      expect(between.status).to.equal(404);
      expect((await http.ask('/api/catalog/a')).text).to.equal('second');
    });

    it('and is mounted once', () => {
      expect(codeOf(() => http.plugin('catalog'))).to.equal('ROUTE_CONFLICT');
    });
  });
});
