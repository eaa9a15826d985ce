import { expect } from 'chai';
import { createServer, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpFixture } from './http-fixture.js';

type StoreHeader = (this: ServerResponse, firstLine: string, headers: unknown) => void;

const node = ServerResponse.prototype as ServerResponse & { readonly _storeHeader: StoreHeader };

/** What `response-head.ts` relies on, and no documentation of Node promises. Where this fails, headers may be missing. */
describe('Node', () => {
  it('asks a response for _storeHeader() with the status line, once, to write its headers', async () => {
    const calls: { readonly firstLine: string; readonly length: number }[] = [];
    const server = createServer((_req, res) => {
      const storeHeader: StoreHeader = function (firstLine, headers) {
        calls.push({ firstLine, length: node._storeHeader.length });
        node._storeHeader.call(this, `${firstLine}x-added: 1\r\n`, headers);
      };
      Object.assign(res, { _storeHeader: storeHeader });
      res.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', '2']);
      res.end('ok');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const text = await answer.text();
    server.close();

    expect(calls).to.deep.equal([{ firstLine: 'HTTP/1.1 200 OK\r\n', length: 2 }]);
    expect([text, answer.headers.get('x-added'), answer.headers.get('content-length')]).to.deep.equal(['ok', '1', '2']);
  });

  it('says how long an answer is where _contentLength does, and its headers do not', async () => {
    const server = createServer((_req, res) => {
      Object.assign(res, { _contentLength: 2 });
      res.writeHead(200);
      res.end('ok');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const text = await answer.text();
    server.close();

    expect(text).to.equal('ok');
    expect(answer.headers.get('content-length')).to.equal('2');
    expect(answer.headers.get('transfer-encoding')).to.equal(null);
  });

  it('therefore answers with the headers of the framework, in whichever way a handler answers', async () => {
    await using http = await HttpFixture.start();
    const router = http.plugin('catalog');
    http.route(router, 'GET /value', () => ({ a: 1 }));
    http.route(router, 'GET /body', ctx => {
      ctx.body = 'text';
    });
    http.route(router, 'GET /raw', ctx => {
      ctx.respond = false;
      ctx.res.end('raw');
    });
    http.route(router, 'GET /head', ctx => {
      ctx.respond = false;
      ctx.res.writeHead(200, { 'content-length': '4' });
      ctx.res.end('head');
    });

    for (const path of ['value', 'body', 'raw', 'head', 'none']) {
      const { headers } = await http.ask(`/api/catalog/${path}`);
      expect(headers, path).to.include.keys('x-request-id', 'x-content-type-options', 'cache-control');
    }
  });
});
