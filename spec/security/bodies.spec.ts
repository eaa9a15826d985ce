import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { get, post } from '../../lib/contract/operation-drafts.js';
import { pause } from '../../lib/util/pause.js';
import type { Answer } from '../services/http/http-fixture.js';
import { OperationsFixture, type Sent } from '../wire/server/operations-fixture.js';

const json = { 'content-type': 'application/json' };

describe('Bodies', () => {
  let served: OperationsFixture;
  let handled: unknown[];

  before(async () => {
    served = await OperationsFixture.start({ server: { requestTimeout: '1s' } });
    const keep = ({ body, query }: { body?: unknown; query?: unknown }) => {
      handled.push(body ?? query);
      return body ?? query;
    };
    served.serve(get('/alive', { response: z.string() }), () => 'yes');
    const query = z.object({ a: z.string().optional(), list: z.array(z.string()).optional() });
    served.serve(get('/query', { query, response: z.unknown() }), keep);
    served.serve(post('/none'), keep);
    served.serve(post('/any', { body: z.unknown(), response: z.unknown() }), keep);
    const thing = z.object({ id: z.string(), n: z.int().optional(), x: z.number().optional() });
    served.serve(post('/thing', { body: thing, response: z.unknown() }), keep);
    served.serve(post('/open', { body: z.record(z.string(), z.unknown()), response: z.unknown() }), keep);
  });

  beforeEach(() => (handled = []));

  afterEach(async () => {
    expect((await served.ask('GET /alive')).text).to.equal('"yes"');
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
  });

  after(() => served[Symbol.asyncDispose]());

  const post_ = (path: string, sent: Sent) => served.ask(`POST ${path}`, { headers: json, ...sent });
  const rulesOf = ({ body }: Answer) =>
    (body as { error: { details?: { pointer: string; rule: string }[] } }).error.details;
  const refusal = ({ status, body }: Answer) => `${status} ${(body as { error: { code: string } }).error.code}`;

  it('S28: a query of a thousand parameters, or with a scalar twice, is refused', async () => {
    const many = await served.ask(`GET /query?${'list=1&'.repeat(1_000)}`);
    const twice = await served.ask('GET /query?a=1&a=2');

    expect(refusal(many)).to.equal('400 invalid_request');
    expect(rulesOf(twice)).to.deep.equal([{ pointer: '/query/a', rule: 'type' }]);
    expect(handled).to.deep.equal([]);
  });

  it('S29: names of a query that lead to prototypes are not declared', async () => {
    const answer = await served.ask('GET /query?__proto__[polluted]=1&constructor=2&__proto__=3');

    expect(answer.status).to.equal(400);
    expect(rulesOf(answer)!.map(({ rule }) => rule)).to.deep.equal(['undeclared', 'undeclared', 'undeclared']);
    expect(handled).to.deep.equal([]);
  });

  it('S31: a body is asked for only where it is wanted', async () => {
    const ask = (length: number, type: string) =>
      served.raw(
        `POST /api/catalog/any HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`,
      );

    const [large, foreign, good] = await Promise.all([
      ask(10_000_000, 'application/json'),
      ask(1, 'text/plain'),
      ask(1, 'application/json'),
    ]);

    expect(large).to.match(/^HTTP\/1\.1 413 /);
    expect(foreign).to.match(/^HTTP\/1\.1 415 /);
    expect(good).to.match(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  });

  it('S37: an encoding that is not switched on is refused', async () => {
    for (const encoding of ['zstd', 'gzip, gzip', 'x-gzip', 'br', 'deflate', 'gzip', '']) {
      const answer = await post_('/any', { headers: { ...json, 'content-encoding': encoding }, body: '1' });
      expect(refusal(answer), encoding).to.equal('415 unsupported_media_type');
      expect(answer.headers.connection, encoding).to.equal('close');
    }
    expect(handled).to.deep.equal([]);
  });

  it('S38: a bomb is stopped at the limit', async () => {
    await using unpacking = await OperationsFixture.start({ server: { gzipRequests: true } });
    unpacking.serve(post('/any', { body: z.unknown(), response: z.unknown() }), ({ body }) => body);
    const bomb = gzipSync(Buffer.alloc(300_000_000, 0x20));
    const headers = { ...json, 'content-encoding': 'gzip' };
    const [started, memory] = [performance.now(), process.memoryUsage().rss];

    const answer = await unpacking.ask('POST /any', { headers, body: bomb });

    expect(refusal(answer)).to.equal('413 payload_too_large');
    expect(performance.now() - started).to.be.below(200);
    expect(process.memoryUsage().rss - memory).to.be.below(20_000_000);
    const [good, broken] = [gzipSync('{"a":1}'), Buffer.from('no gzip')];
    expect((await unpacking.ask('POST /any', { headers, body: good })).text).to.equal('{"a":1}');
    expect(refusal(await unpacking.ask('POST /any', { headers, body: broken }))).to.equal('400 bad_encoding');
    expect(refusal(await unpacking.ask('POST /any', { headers, body: good.subarray(0, 20) }))).to.equal(
      '400 bad_encoding',
    );
  });

  it('S40: a body over the limit is refused before it is read, or at the limit, and the connection ends', async () => {
    const head = 'POST /api/catalog/any HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
    const chunk = `10000\r\n${'1'.repeat(65_536)}\r\n`;

    const announced = await served.raw(`${head}Content-Length: 2000000\r\n\r\n`);
    const chunked = await served.raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}`);

    for (const answer of [announced, chunked]) {
      expect(answer).to.match(/^HTTP\/1\.1 413 /);
      expect(answer).to.match(/\r\nConnection: close\r\n/i);
    }
    expect(handled).to.deep.equal([]);
  });

  it('S41: what is no JSON is refused with the place and no more', async () => {
    for (const [text, offset] of [
      ['{"a":', 5],
      ['', 0],
      ['{"a":1,}', 7],
      ['[1 2]', 3],
      ['{"a" 1}', 5],
      ['nul', 3],
      ['"\u0001"', 1],
      ['"\\x"', 2],
      ['[01]', 2],
      ['{} {}', 3],
      ['{"secret":"€', 14],
    ] as const) {
      const answer = await post_('/any', { body: text });
      expect(refusal(answer), text).to.equal('400 invalid_json');
      expect(answer.text, text).to.contain(`at byte ${offset}"`).and.not.contain('secret');
    }
    expect(rulesOf(await post_('/thing', { body: '42' }))).to.deep.equal([{ pointer: '/body', rule: 'invalid_type' }]);
    expect(handled).to.deep.equal([]);
  });

  it('S43: keys that lead to prototypes are refused wherever they are', async () => {
    for (const text of [
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"__proto__":{"polluted":1}}',
      '{"\\u005f_proto__":1}',
      '[[{"a":{"__proto__":null}}]]',
    ]) {
      expect(
        rulesOf(await post_('/any', { body: text }))!.map(({ rule }) => rule),
        text,
      ).to.deep.equal(['prototype']);
    }
    expect(handled).to.deep.equal([]);
    expect((await post_('/any', { body: '{"constructor":"of houses"}' })).text).to.equal('{"constructor":"of houses"}');
  });

  it('S44: nesting is refused beyond 64, at once', async () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    await post_('/any', { body: nested(65) });
    const started = performance.now();

    const deep = await post_('/any', { body: nested(200_000) });

    expect(performance.now() - started).to.be.below(60);
    expect(rulesOf(deep)).to.deep.equal([{ pointer: '/body', rule: 'depth' }]);
    expect(rulesOf(await post_('/any', { body: '{"a":'.repeat(200_000) }))).to.deep.equal([
      { pointer: '/body', rule: 'depth' },
    ]);
    expect(rulesOf(await post_('/any', { body: nested(65) }))).to.deep.equal([{ pointer: '/body', rule: 'depth' }]);
    expect((await post_('/any', { body: nested(64) })).status).to.equal(200);
  });

  it('S44: as many keys as fit are refused beyond 50,000', async () => {
    const keys = (count: number) => `{${Array.from({ length: count }, (_, n) => `"${n}":0`).join(',')}}`;

    expect(rulesOf(await post_('/any', { body: keys(50_001) }))).to.deep.equal([{ pointer: '/body', rule: 'keys' }]);
    expect((await post_('/any', { body: keys(50_000) })).status).to.equal(200);
  });

  it('S46: the last of two keys wins, -0 is a number, and numbers that lose digits or are too large are refused', async () => {
    expect((await post_('/thing', { body: '{"id":"a","id":"b","x":-0}' })).body).to.deep.equal({ id: 'b', x: 0 });
    expect(rulesOf(await post_('/any', { body: '{"a":[1e400]}' }))).to.deep.equal([
      { pointer: '/body/a/0', rule: 'number' },
    ]);
    expect(rulesOf(await post_('/any', { body: '-1e400' }))).to.deep.equal([{ pointer: '/body', rule: 'number' }]);
    expect(rulesOf(await post_('/thing', { body: '{"id":"a","n":9007199254740993}' }))).to.deep.equal([
      { pointer: '/body/n', rule: 'integer' },
    ]);
  });

  it('S47: what is no UTF-8, or no text in the end, is refused', async () => {
    const utf16 = Buffer.from('{"a":1}', 'utf16le');
    for (const [what, body] of [
      ['a BOM', Buffer.from('\ufeff{}')],
      ['UTF-16', utf16],
      ['UTF-16 with a BOM', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])],
      ['Latin-1', Buffer.from('"é"', 'latin1')],
      ['half of a character', Buffer.from('"€"').subarray(0, 3)],
    ] as const) {
      expect(refusal(await post_('/any', { body })), what).to.equal('400 invalid_json');
    }
    for (const text of ['"\\ud800"', '{"a":["\\udc00"]}', '{"\\ud800":1}']) {
      expect(rulesOf(await post_('/any', { body: text }))![0]!.rule, text).to.equal('unicode');
    }
    for (const charset of ['utf-7', 'utf-16', 'iso-8859-1', '"utf-8', 'utf-8; charset=utf-7']) {
      const answer = await post_('/any', {
        headers: { 'content-type': `application/json; charset=${charset}` },
        body: '{}',
      });
      expect(answer.status, charset).to.equal(415);
    }
    expect(handled).to.deep.equal([]);
    const answer = await post_('/any', {
      headers: { 'content-type': 'Application/JSON;charset="UTF-8"' },
      body: '"\\ud83d\\ude00é"',
    });
    expect(answer.text).to.equal('"😀é"');
  });

  it('S49, S50: what a form of another site can send is refused', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=a',
      'text/json',
      'application/json, text/plain',
    ]) {
      expect((await served.ask('POST /any', { headers: { 'content-type': type }, body: '{}' })).status, type).to.equal(
        415,
      );
    }
    expect((await served.ask('POST /any', { body: '{}' })).status).to.equal(415);
    expect((await served.ask('POST /thing')).status).to.equal(415);
    expect(handled).to.deep.equal([]);
    expect(
      (await post_('/any', { headers: { 'content-type': 'application/merge-patch+json' }, body: '{}' })).status,
    ).to.equal(200);
  });

  it('S52: a body that does not arrive is waited for no longer than a request may take', async () => {
    const answer = await served.raw(
      'POST /api/catalog/any HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      4_000,
    );

    expect(answer).to.match(/^HTTP\/1\.1 408 /);
    expect(handled).to.deep.equal([]);
  });

  it('S52: a caller who goes in the middle of a body is no error', async () => {
    await served.raw(
      'POST /api/catalog/any HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      20,
    );
    await pause(20);

    expect(served.http.logger.entries.filter(({ level }) => level === 'error')).to.deep.equal([]);
    expect(handled).to.deep.equal([]);
  });

  it('S53: other keys and other types are refused with the place of the field', async () => {
    expect(rulesOf(await post_('/thing', { body: { id: { $ne: 1 } } }))).to.deep.equal([
      { pointer: '/body/id', rule: 'invalid_type' },
    ]);
    expect(rulesOf(await post_('/thing', { body: { id: 'a', admin: true } }))).to.deep.equal([
      { pointer: '/body/admin', rule: 'undeclared' },
    ]);
    expect(handled).to.deep.equal([]);
  });

  it('are refused where none is declared, so that nobody takes one for the next request', async () => {
    const smuggled = 'GET /api/catalog/alive HTTP/1.1\r\nHost: a\r\n\r\n';
    const first = `GET /api/catalog/alive HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n`;

    const answer = await served.raw(first + smuggled);

    expect(answer)
      .to.match(/^HTTP\/1\.1 400 /)
      .and.match(/\r\nConnection: close\r\n/i);
    expect(answer.split('HTTP/1.1')).to.have.lengthOf(2);
    expect((await served.ask('POST /none', { headers: json, body: '{}' })).status).to.equal(400);
    expect((await served.ask('POST /none')).status).to.equal(204);
  });

  it('of a record keep their keys, and no prototype', async () => {
    expect((await post_('/open', { body: '{"toString":1,"a b":2}' })).body).to.deep.equal({ toString: 1, 'a b': 2 });
  });
});
