import { expect } from 'chai';
import { connect, createServer } from 'node:net';
import { pluginView } from '../../../lib/api/plugin-view.js';
import { BackplaneError } from '../../../lib/errors/backplane-error.js';
import { HttpFixture } from './http-fixture.js';

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as BackplaneError).code;
  }
};

async function startCode(backend: Parameters<typeof HttpFixture.start>[0]): Promise<BackplaneError> {
  try {
    await using _ = await HttpFixture.start(backend);
  } catch (error) {
    return error as BackplaneError;
  }
  throw new Error('it started');
}

describe('RootHttpRouter', () => {
  let http: HttpFixture;

  beforeEach(async () => {
    http = await HttpFixture.start();
    http.route(http.plugin('catalog'), 'GET /x', ctx => ({ id: ctx.requestId }));
  });

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  describe('request id', () => {
    it('is the one the caller proposes, where it is well formed', async () => {
      const answer = await http.ask('/api/catalog/x', { headers: { 'x-request-id': 'abc-1.2~3:4_5' } });

      expect(answer.headers['x-request-id']).to.equal('abc-1.2~3:4_5');
      expect(answer.body).to.deep.equal({ id: 'abc-1.2~3:4_5' });
    });

    for (const proposed of ['a b', 'a"b', 'ä', '{}', 'a'.repeat(129)]) {
      it(`is a new one instead of ${JSON.stringify(proposed.slice(0, 10))}`, async () => {
        const { headers } = await http.ask('/api/catalog/x', { headers: { 'x-request-id': proposed } });

        expect(headers['x-request-id']).to.match(/^[\w-]{10,}$/);
      });
    }

    it('is another one for each request', async () => {
      const [one, two] = await Promise.all([http.ask('/api/catalog/x'), http.ask('/api/catalog/x')]);

      expect(one.headers['x-request-id']).not.to.equal(two.headers['x-request-id']);
    });
  });

  describe('error body', () => {
    it('has code, message and request id, and is neither stored nor sniffed', async () => {
      const { status, headers, body } = await http.ask('/nowhere', { headers: { 'x-request-id': 'r-1' } });

      expect(status).to.equal(404);
      expect(body).to.deep.equal({ error: { code: 'not_found', message: 'Not found' }, requestId: 'r-1' });
      expect(headers).to.include({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    });

    for (const path of [
      '/',
      '/api',
      '/api/',
      '/api/nobody',
      '/api/catalog/none',
      '/.backplane/health/v1/none',
      '/.well-known/x',
    ]) {
      it(`is that of 404 at ${path}`, async () => {
        const { status, body } = await http.ask(path);

        expect(status).to.equal(404);
        expect(body).to.have.nested.property('error.code', 'not_found');
      });
    }
  });

  describe('what is not one clear request', () => {
    const get = (path: string, headers = 'Host: x') =>
      `GET ${path} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`;
    const bad: [string, string, number, string][] = [
      ['S7: two hosts', get('/api/catalog/x', 'Host: a\r\nHost: b'), 400, 'bad_host'],
      ['S7: the same host twice', get('/api/catalog/x', 'Host: a\r\nhOST: a'), 400, 'bad_host'],
      ['S8: a host with a user', get('/api/catalog/x', 'Host: evil.com:fake@legit.com'), 400, 'bad_host'],
      ['a host with a path', get('/api/catalog/x', 'Host: a/b'), 400, 'bad_host'],
      ['no host', get('/api/catalog/x', 'X-A: b'), 400, 'bad_host'],
      ['S14: absolute form', get('http://evil.example/api/catalog/x'), 400, 'bad_path'],
      ['S16: an unknown method', 'FROB /api/catalog/x HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'bad_request'],
      ['S22: an empty segment first', get('//api/catalog/x'), 400, 'bad_path'],
      ['S22: an empty segment', get('/api//catalog/x'), 400, 'bad_path'],
      ['S22: a path parameter', get('/api/catalog;a=b/x'), 400, 'bad_path'],
      ['S22: a backslash', get('/api\\catalog/x'), 400, 'bad_path'],
      ['a dot segment', get('/api/other/../catalog/x'), 400, 'bad_path'],
      ['S23: an encoded letter', get('/api/%63atalog/x'), 400, 'bad_path'],
      ['S23: an encoded slash in the plugin id', get('/api/catalog%2fx'), 400, 'bad_path'],
      ['S25: an encoded NUL', get('/api/catalog/%00'), 400, 'bad_encoding'],
      ['S26: half an escape', get('/api/catalog/%zz'), 400, 'bad_encoding'],
      ['S26: not UTF-8', get('/api/catalog/%ff'), 400, 'bad_encoding'],
      ['S26: overlong UTF-8', get('/api/catalog/%c0%ae%c0%ae'), 400, 'bad_encoding'],
      ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
      ['S13: headers without end', get('/', `X: ${'a'.repeat(20_000)}`), 431, 'headers_too_large'],
      ['two lengths', get('/api/catalog/x', 'Host: x\r\nContent-Length: 1\r\nContent-Length: 2'), 400, 'bad_request'],
    ];
    for (const [what, bytes, status, code] of bad) {
      it(`is refused: ${what}`, async () => {
        const text = await http.raw(bytes);

        expect(text.split('\r\n', 1)[0]).to.match(new RegExp(`^HTTP/1.1 ${status} `));
        expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).to.have.nested.property('error.code', code);
        expect(text).to.contain('application/json; charset=utf-8');
      });
    }

    it('is not answered in the middle of another answer', async () => {
      http.route(http.plugin('slow'), 'GET /x', async ctx => {
        ctx.res.writeHead(200, { 'Content-Length': 10 });
        ctx.res.write('begun');
        await new Promise(resolve => setTimeout(resolve, 100));
        ctx.res.end('ended');
      });
      const socket = connect(http.port, '127.0.0.1', () => socket.write('GET /api/slow/x HTTP/1.1\r\nHost: x\r\n\r\n'));
      let text = '';
      socket.on('data', chunk => {
        if (text === '') socket.write('no request\r\n\r\n');
        text += chunk.toString();
      });
      await new Promise(resolve => socket.on('error', resolve).on('close', resolve));

      expect(text).to.match(/^HTTP\/1\.1 200 /);
      expect(text).not.to.contain('400');
    });

    it('S16: is closed for CONNECT', async () => {
      expect(await http.raw('CONNECT /api/catalog/x HTTP/1.1\r\nHost: x\r\n\r\n')).to.equal('');
    });

    it('is not a request of HTTP/1.0 without a host', async () => {
      expect(await http.raw('GET /api/catalog/x HTTP/1.0\r\n\r\n')).to.match(/^HTTP\/1\.1 200 /);
    });

    it('S19, S20: is another path, where case or a last slash differ', async () => {
      for (const path of ['/API/catalog/x', '/api/CATALOG/x', '/api/catalog/X', '/api/catalog/x/']) {
        expect((await http.ask(path)).status, path).to.equal(404);
      }
    });
  });

  describe('use()', () => {
    it('answers at its path and below, which middleware does not see', async () => {
      http.root.use('/ui', ctx => (ctx.body = `${ctx.path}${ctx.search}`));

      expect((await http.ask('/ui?a=b')).text).to.equal('/?a=b');
      expect((await http.ask('/ui/a/b')).text).to.equal('/a/b');
      expect((await http.ask('/uix')).status).to.equal(404);
      expect((await http.ask('/UI')).status).to.equal(404);
    });

    it('answers 404 where the middleware does not answer', async () => {
      http.root.use('/ui', (_ctx, next) => next());

      const { status, body } = await http.ask('/ui/x');

      expect(status).to.equal(404);
      expect(body).to.have.nested.property('error.code', 'not_found');
    });

    it('refuses a path that covers another or is covered, by segments and whatever the case', () => {
      http.root.use('/a/b', () => {});

      const codes = ['/a', '/a/b', '/A/B/', '/a/b/c', '/a/B/c'].map(path =>
        codeOf(() => http.root.use(path, () => {})),
      );

      expect(codes).to.deep.equal(codes.map(() => 'ROUTE_CONFLICT'));
      expect(codeOf(() => http.root.use('/a/bb', () => {}))).to.equal(undefined);
      expect(codeOf(() => http.root.use('/aa', () => {}))).to.equal(undefined);
    });

    it('I32: refuses the paths of the framework, and every path at once', () => {
      const paths = ['', '/', '//', '/api', '/API', '/api/catalog', '/.backplane', '/.Backplane/x', '/.well-known'];

      const codes = paths.map(path => codeOf(() => http.root.use(path, () => {})));

      expect(codes).to.deep.equal(codes.map(() => 'ROUTE_CONFLICT'));
    });

    it('refuses what no request could match, and what is no middleware', () => {
      for (const path of ['ui', '/a//b', '/a/../b', '/a?b', '/:id', '/*']) {
        expect(
          codeOf(() => http.root.use(path, () => {})),
          path,
        ).to.equal('INVALID_PATH');
      }
      expect(codeOf(() => http.root.use('/ui', {} as never))).to.equal('INVALID_MIDDLEWARE');
    });

    it('S16: does not ask middleware about other methods than the usual ones', async () => {
      http.root.use('/ui', ctx => (ctx.body = 'ui'));

      const { status, headers } = await http.ask('/ui', { method: 'TRACE' });

      expect(status).to.equal(405);
      expect(headers.allow).to.contain('GET');
    });

    it('does not give middleware an encoded separator', async () => {
      http.root.use('/ui', ctx => (ctx.body = 'ui'));

      expect((await http.ask('/ui/a%2fb')).status).to.equal(400);
    });

    it('answers 500 for what middleware throws, and logs it', async () => {
      http.root.use('/ui', () => {
        throw new Error('CANARY');
      });

      const { status, text } = await http.ask('/ui/x?secret');

      expect(status).to.equal(500);
      expect(text).not.to.contain('CANARY');
      const failure = http.logger.entries.find(({ level }) => level === 'error');
      expect(failure?.meta).to.include({ method: 'GET', path: '/ui/x' });
      expect(failure?.meta['error']).to.have.property('message', 'CANARY');
    });
  });

  describe('as a plugin sees it', () => {
    it('mounts and unmounts that plugin only', () => {
      const view = http.root[pluginView]({ pluginId: 'search', configKeys: [] });
      const handle = () => Promise.resolve();

      expect(codeOf(() => view.mount({ pluginId: 'catalog', handle }))).to.equal('FOREIGN_MOUNT');
      expect(codeOf(() => view.unmount('catalog'))).to.equal('FOREIGN_MOUNT');
      expect(codeOf(() => view.mount({ pluginId: 'search', handle }))).to.equal(undefined);
    });

    it('forgets its paths when the plugin has failed, so that it can start again', async () => {
      http.status.enterPlugin('search', 'ready');
      const view = http.root[pluginView]({ pluginId: 'search', configKeys: [] });
      view.use('/search', ctx => (ctx.body = 'first'));

      http.status.enterPlugin('search', 'failed');
      const between = await http.ask('/search');
      view.use('/search', ctx => (ctx.body = 'second'));

      expect(between.status).to.equal(404);
      expect((await http.ask('/search')).text).to.equal('second');
    });

    it('keeps its paths from other plugins', () => {
      http.root[pluginView]({ pluginId: 'search', configKeys: [] }).use('/search', () => {});
      const other = http.root[pluginView]({ pluginId: 'catalog', configKeys: [] });

      expect(codeOf(() => other.use('/search/x', () => {}))).to.equal('ROUTE_CONFLICT');
    });
  });

  describe('listening', () => {
    it('R31: says that the port is in use, and how to change it', async () => {
      const error = await startCode({ listen: { host: '127.0.0.1', port: http.port } });

      expect(error.code).to.equal('PORT_IN_USE');
      expect(error.message)
        .to.contain(`port ${http.port} is already in use (EADDRINUSE)`)
        .and.contain('backend.listen.port');
    });

    it('R32: says that the host is none of this machine', async () => {
      const error = await startCode({ listen: { host: '203.0.113.1', port: 0 } });

      expect(error.code).to.equal('BAD_LISTEN_HOST');
      expect(error.message).to.contain(`'203.0.113.1'`).and.contain('backend.listen.host');
    });

    it('does not happen for false, and the handler answers nevertheless', async () => {
      await using silent = await HttpFixture.start({ listen: false });

      expect(silent.root.address).to.equal(undefined);
      expect(silent.root.handler).to.be.a('function');
    });

    it('ends with the service, which leaves the port free', async () => {
      const { port } = http;

      await http[Symbol.asyncDispose]();

      const other = createServer();
      await new Promise<void>((resolve, reject) => other.once('error', reject).listen(port, '127.0.0.1', resolve));
      await new Promise(resolve => other.close(resolve));
    });
  });
});
