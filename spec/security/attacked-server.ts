import { expect } from 'chai';
import { PayloadTooLargeError } from '../../lib/errors/http-error.js';
import type { JsonObject } from '../../lib/api/config-service.js';
import { HttpFixture } from '../services/http/http-fixture.js';
import { rawExchange, type RawExchange } from './raw-exchange.js';

const secret = `CANARY_${process.pid}_${Math.random().toString(36).slice(2)}`;

/** A server with one open and one guarded plugin, that knows which of its handlers have run. */
export class AttackedServer implements AsyncDisposable {
  readonly http: HttpFixture;
  readonly ran: string[] = [];
  /** What handlers of the open plugin saw. */
  readonly seen: Record<string, unknown>[] = [];

  private constructor(http: HttpFixture) {
    this.http = http;
  }

  static async start(backend: JsonObject = {}): Promise<AttackedServer> {
    const server = new AttackedServer(await HttpFixture.start({ server: { headersTimeout: '1s' }, ...backend }));
    const { http, ran, seen } = server;
    const foo = http.plugin('foo');
    http.route(foo, 'GET /x', ({ ip, ips, host, protocol, path }) => {
      ran.push('x');
      seen.push({ ip, ips, host, protocol, path });
      return { ok: true };
    });
    http.route(foo, 'GET /:name', ({ params }) => {
      ran.push('name');
      return { name: params['name'] };
    });
    http.route(foo, 'POST /read', async ctx => {
      ran.push('read');
      let length = 0;
      for await (const chunk of ctx.req) length += (chunk as Buffer).length;
      return { length };
    });
    foo.addRoute({
      method: 'POST',
      path: '/small',
      allow: 'unauthenticated',
      answer: ({ request }) => {
        ran.push('small');
        if (Number(request.req.headers['content-length'] ?? 0) > 100) throw new PayloadTooLargeError();
        request.continue();
        return new Promise(resolve => {
          request.req.resume().on('end', () => {
            request.res.writeHead(200, ['Content-Length', '2']);
            request.res.end('ok');
            resolve();
          });
        });
      },
    });
    http.route(
      foo,
      'GET /guarded',
      () => {
        ran.push('guarded');
        return secret;
      },
      { allow: ['user'] },
    );
    return server;
  }

  /** Sends the bytes, and then looks whether everything is as before. */
  async attack(bytes: string | readonly string[], options?: { readonly silence?: number }): Promise<RawExchange> {
    const exchange = await rawExchange(this.http.port, bytes, options);
    await this.check(exchange.text);
    return exchange;
  }

  /** The server still answers, nothing was told, and nothing inherited has changed. */
  async check(...texts: string[]): Promise<void> {
    for (const text of texts) {
      expect(text).not.to.contain(secret);
      expect(text).not.to.match(/\bat .+:\d+:\d+|node_modules|HttpFixture|\.js\b/);
    }
    const alive = await this.http.ask('/.backplane/health/v1/liveness');
    expect(alive.status).to.equal(200);
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]();
  }
}

/** The body of an error as every one of ours is, with all that has to be said about it. */
export function expectError({ answers }: RawExchange, status: number, code?: string): void {
  const [answer] = answers;
  expect(answer?.status).to.equal(status);
  expect(answer?.headers.get('content-type')).to.equal('application/json; charset=utf-8');
  expect(answer?.headers.get('cache-control')).to.equal('no-store');
  expect(answer?.headers.get('x-content-type-options')).to.equal('nosniff');
  const { error, requestId, ...others } = JSON.parse(answer!.body) as Record<string, unknown>;
  expect(others).to.deep.equal({});
  expect(requestId).to.be.a('string').and.equal(answer?.headers.get('x-request-id'));
  expect(error).to.have.all.keys('code', 'message');
  if (code !== undefined) expect(error).to.have.property('code', code);
}
