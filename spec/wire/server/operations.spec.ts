import { expect } from 'chai';
import { z } from 'zod';
import { del, get, post, put } from '../../../lib/contract/operation-drafts.js';
import { raw } from '../../../lib/contract/raw-body.js';
import { ConflictError, NotFoundError } from '../../../lib/errors/http-error.js';
import { RemoteError } from '../../../lib/contract/remote-error.js';
import { OperationsFixture } from './operations-fixture.js';

const Entity = z.object({ name: z.string(), size: z.int().optional() });

describe('Operations', () => {
  it('give their handler what they declare, with its types', async () => {
    await using served = await OperationsFixture.start();
    const draft = get('/entities/:kind/:id', {
      params: z.object({ kind: z.string(), id: z.int() }),
      query: z.object({
        limit: z.number().default(10),
        tags: z.array(z.string()).optional(),
        deep: z.boolean().optional(),
      }),
      headers: z.object({ 'x-version': z.int().optional() }),
      response: z.unknown(),
    });
    served.serve(draft, input => input);

    const { status, body } = await served.ask('GET /entities/lib/7?tags=a&tags=b&deep=true', {
      headers: { 'x-version': '3' },
    });

    expect(status).to.equal(200);
    expect(body).to.deep.equal({
      params: { kind: 'lib', id: 7 },
      query: { limit: 10, tags: ['a', 'b'], deep: true },
      headers: { 'x-version': 3 },
    });
  });

  it('answer with what their response declares, and nothing else', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/one', { response: Entity }), () => ({ name: 'a', secret: 'b', size: 1 }));

    const { text, headers } = await served.ask('GET /one');

    expect(text).to.equal('{"name":"a","size":1}');
    expect(headers).to.include({ 'content-type': 'application/json; charset=utf-8', 'content-length': '21' });
  });

  it('answer 500 where what is returned is not as declared, and tell the log where', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/all', { response: z.array(Entity) }), () => [{ name: 'a' }, { name: 5 }]);

    const { status, text } = await served.ask('GET /all');

    expect(status).to.equal(500);
    expect(text).not.to.contain('/1/name');
    expect(String(served.http.logger.entries.find(({ level }) => level === 'error')?.meta['error'])).to.contain(
      `'type' of its response at '/1/name'`,
    );
  });

  it('answer with the defaults of what is not returned, whatever these are', async () => {
    await using served = await OperationsFixture.start();
    const response = z.object({
      on: z.boolean().default(false),
      none: z.null().default(null),
      size: z.int().default(0),
    });
    served.serve(get('/switch', { response }), () => ({}));

    expect((await served.ask('GET /switch')).body).to.deep.equal({ on: false, none: null, size: 0 });
  });

  it('answer 204 without a response, and the status they say', async () => {
    await using served = await OperationsFixture.start();
    served.serve(del('/none'), () => 'ignored');
    served.serve(post('/accepted', { status: 202 }), () => undefined);
    served.serve(post('/created', { status: 201, body: Entity, response: Entity }), async ({ body }) => body);
    served.serve(get('/nothing', { response: Entity.optional() as never }), () => undefined);

    const [none, accepted, created, nothing] = [
      await served.ask('DELETE /none'),
      await served.ask('POST /accepted'),
      await served.ask('POST /created', { body: { name: 'a' } }),
      await served.ask('GET /nothing'),
    ];

    expect([none.status, accepted.status, created.status, nothing.status]).to.deep.equal([204, 202, 201, 204]);
    expect(none.text + accepted.text + nothing.text).to.equal('');
    expect(none.headers).not.to.have.any.keys('content-length', 'content-type');
    expect(accepted.headers['content-length']).to.equal('0');
  });

  it('answer with one of several statuses', async () => {
    await using served = await OperationsFixture.start();
    const responses = { 200: Entity, 202: z.object({ ticket: z.int() }), 204: null };
    served.serve(get('/:which', { params: z.object({ which: z.int() }), responses }), ({ params }) => {
      const status = (params as { which: number }).which;
      return { status, body: status === 200 ? { name: 'a', ticket: 1 } : { name: 'a', ticket: 1 } };
    });

    expect((await served.ask('GET /200')).body).to.deep.equal({ name: 'a' });
    expect((await served.ask('GET /202')).body).to.deep.equal({ ticket: 1 });
    expect((await served.ask('GET /204')).status).to.equal(204);
    expect((await served.ask('GET /201')).status).to.equal(500);
  });

  it('answer HEAD as GET, without the body', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/one', { response: Entity }), () => ({ name: 'a' }));
    served.serve(get('/bytes', { response: raw('image/png') }), async function* () {
      yield Buffer.from('a');
    });
    served.serve(get('/events', { stream: Entity }), async function* () {
      yield { name: 'a' };
    });

    const [one, bytes, events] = [
      await served.ask('HEAD /one'),
      await served.ask('HEAD /bytes'),
      await served.ask('HEAD /events'),
    ];

    expect([one.status, bytes.status, events.status]).to.deep.equal([200, 200, 200]);
    expect(one.headers['content-length']).to.equal('12');
    expect(bytes.headers['content-type']).to.equal('image/png');
    expect(events.headers['content-type']).to.equal('text/event-stream; charset=utf-8');
  });

  it('tell what is not as declared by pointer and rule, never by value', async () => {
    await using served = await OperationsFixture.start();
    const body = z.object({ id: z.string(), at: z.object({ x: z.int() }), list: z.array(Entity).default([]) });
    served.serve(
      post('/things/:n', {
        params: z.object({ n: z.int() }),
        query: z.object({ limit: z.int().max(5).optional() }),
        body,
      }),
      () => undefined,
    );
    const rulesOf = async (path: string, sent: unknown) => {
      const { status, body: told, text } = await served.ask(`POST ${path}`, { body: sent });
      expect(status).to.equal(400);
      expect(text).not.to.contain('s3cret');
      expect(told).to.have.nested.property('error.code', 'invalid_request');
      return (told as { error: { details: unknown } }).error.details;
    };
    const good = { id: 'a', at: { x: 1 } };

    expect(await rulesOf('/things/s3cret', good)).to.deep.equal([{ pointer: '/params/n', rule: 'type' }]);
    expect(await rulesOf('/things/1?limit=s3cret', good)).to.deep.equal([{ pointer: '/query/limit', rule: 'type' }]);
    expect(await rulesOf('/things/1?limit=1&limit=2', good)).to.deep.equal([{ pointer: '/query/limit', rule: 'type' }]);
    expect(await rulesOf('/things/1?limit=6', good)).to.deep.equal([{ pointer: '/query/limit', rule: 'too_big' }]);
    expect(await rulesOf('/things/1?other=6', good)).to.deep.equal([{ pointer: '/query/other', rule: 'undeclared' }]);
    expect(await rulesOf('/things/1', { id: { $ne: 's3cret' }, at: { x: 1 } })).to.deep.equal([
      { pointer: '/body/id', rule: 'invalid_type' },
    ]);
    expect(await rulesOf('/things/1', { ...good, at: {} })).to.deep.equal([
      { pointer: '/body/at/x', rule: 'required' },
    ]);
    expect(await rulesOf('/things/1', { ...good, at: { x: 1, y: 's3cret' }, other: 1 })).to.deep.equal([
      { pointer: '/body/at/y', rule: 'undeclared' },
      { pointer: '/body/other', rule: 'undeclared' },
    ]);
    expect(
      await rulesOf('/things/1', { ...good, list: [{ name: 'a' }, { name: 'b', 's3cret key': 1 }] }),
    ).to.deep.equal([{ pointer: '/body/list/1', rule: 'undeclared' }]);
    expect(await rulesOf('/things/1', 42)).to.deep.equal([{ pointer: '/body', rule: 'invalid_type' }]);
  });

  it('wait for schemas that have to wait, and read the body only when the rest is well', async () => {
    await using served = await OperationsFixture.start();
    const known = z.string().refine(async name => name === 'known');
    served.serve(
      post('/:name', { params: z.object({ name: known }), body: z.object({ name: known }), response: z.unknown() }),
      input => input,
    );

    const good = await served.ask('POST /known', { body: { name: 'known' } });
    const unknown = await served.ask('POST /unknown', { headers: { 'content-type': 'text/plain' }, body: 'x' });
    const bad = await served.ask('POST /known', { body: { name: 'unknown' } });

    expect(good.body).to.deep.equal({ params: { name: 'known' }, body: { name: 'known' } });
    expect(unknown.body).to.have.nested.property('error.details[0].pointer', '/params/name');
    expect(bad.body).to.have.nested.property('error.details[0].pointer', '/body/name');
  });

  it('let a body be left out where the schema does without', async () => {
    await using served = await OperationsFixture.start();
    served.serve(post('/maybe', { body: Entity.optional(), response: z.unknown() }), ({ body }) => ({
      given: body !== undefined,
    }));
    served.serve(post('/must', { body: Entity, response: z.unknown() }), ({ body }) => body);

    expect((await served.ask('POST /maybe')).body).to.deep.equal({ given: false });
    expect((await served.ask('POST /maybe', { body: { name: 'a' } })).body).to.deep.equal({ given: true });
    expect((await served.ask('POST /must')).status).to.equal(415);
  });

  it('tell declared errors with the details they declare, and no more', async () => {
    await using served = await OperationsFixture.start();
    const errors = { taken: { status: 409, details: z.object({ by: z.string() }) } };
    served.serve(get('/taken', { errors }), () => {
      throw new ConflictError('Taken', { code: 'taken', details: { by: 'a', secret: 'b' } });
    });
    served.serve(get('/wrong', { errors }), async () => {
      throw new ConflictError('Taken', { code: 'taken', details: { by: 5 } });
    });

    expect((await served.ask('GET /taken')).body)
      .to.have.property('error')
      .that.deep.equals({
        code: 'taken',
        message: 'Taken',
        details: { by: 'a' },
      });
    expect((await served.ask('GET /wrong')).status).to.equal(500);
  });

  it('say no more of what other plugins answered than that they were not there in time', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/:status', { params: z.object({ status: z.int() }) }), async ({ params }) => {
      const { status } = params as { status: number };
      throw new RemoteError({ pluginId: 'other', name: 'op' }, { status, code: 'x', message: 's3cret' });
    });
    const told = async (status: number) => {
      const answer = await served.ask(`GET /${status}`);
      expect(answer.text).not.to.contain('s3cret');
      return [answer.status, (answer.body as { error: { code: string } }).error.code];
    };

    expect(await told(503)).to.deep.equal([503, 'dependency_unavailable']);
    expect(await told(504)).to.deep.equal([504, 'deadline_exceeded']);
    expect(await told(508)).to.deep.equal([508, 'loop_detected']);
    expect(await told(404)).to.deep.equal([500, 'internal_server_error']);
  });

  it('say when what was not there wants to be asked again, where it has said so', async () => {
    await using served = await OperationsFixture.start();
    served.serve(get('/:seconds', { params: z.object({ seconds: z.int() }) }), async ({ params }) => {
      const { seconds } = params as { seconds: number };
      const retryAfter = seconds === 0 ? undefined : seconds;
      throw new RemoteError({ pluginId: 'other', name: 'op' }, { status: 503, code: 'x', message: 'x', retryAfter });
    });

    expect((await served.ask('GET /7')).headers['retry-after']).to.equal('7');
    expect((await served.ask('GET /0')).headers).not.to.have.property('retry-after');
  });

  it('tell their handler who calls, and nothing of the secrets in the headers', async () => {
    await using served = await OperationsFixture.start();
    let seen: unknown;
    served.serve(get('/me'), (_input, call) => {
      const { credentials, deadline, requestId, headers } = call;
      seen = { principal: credentials.principal, deadline, requestId, headers, isAborted: call.signal.aborted };
    });

    await served.ask('GET /me', { headers: { cookie: 'a=s3cret', 'x-request-id': 'r1', accept: 'a/b' } });

    expect(seen).to.deep.include({
      principal: { type: 'none' },
      deadline: undefined,
      requestId: 'r1',
      isAborted: false,
    });
    expect(seen)
      .to.have.property('headers')
      .that.includes({ accept: 'a/b' })
      .and.not.has.any.keys('cookie', 'authorization');
  });

  it('give raw bytes as they come, and take no others', async () => {
    await using served = await OperationsFixture.start();
    served.serve(put('/icon', { body: raw('image/png'), response: z.unknown(), maxBodySize: 10 }), async ({ body }) => {
      let length = 0;
      for await (const chunk of body as AsyncIterable<Uint8Array>) length += chunk.length;
      return { length };
    });
    served.serve(put('/unread', { body: raw('image/png') }), () => {
      throw new NotFoundError();
    });
    const headers = { 'content-type': 'Image/PNG; a=b' };

    expect((await served.ask('PUT /icon', { headers, body: 'bytes' })).body).to.deep.equal({ length: 5 });
    expect((await served.ask('PUT /icon', { headers, body: 'too many bytes' })).status).to.equal(413);
    expect(
      (
        await served.ask('PUT /icon', {
          headers: { ...headers, 'transfer-encoding': 'chunked' },
          body: 'too many bytes',
        })
      ).status,
    ).to.equal(413);
    expect(
      (await served.ask('PUT /icon', { headers: { 'content-type': 'image/gif' }, body: 'bytes' })).status,
    ).to.equal(415);
    expect((await served.ask('PUT /unread', { headers, body: 'bytes' })).status).to.equal(404);
  });
});
