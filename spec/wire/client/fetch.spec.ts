import { expect } from 'chai';
import type { WireService } from '../../../lib/api/wire-service.js';
import { until } from '../../faults/harness/until.js';
import { own, rejection, startPair } from './wire-fixture.js';

type Init = Parameters<WireService['fetch']>[1];

for (const [transport, inMemory] of [
  ['in memory', true],
  ['over HTTP', false],
] as const) {
  describe(`fetch ${transport}`, () => {
    let pair: Awaited<ReturnType<typeof startPair>>;

    before(async () => (pair = await startPair(inMemory)));
    after(() => pair[Symbol.asyncDispose]());

    const fetchOf = (url: string, init: Partial<Init> = {}) => pair.wire.fetch(url, { call: own, ...init });

    it('gives a standard Response', async () => {
      const response = await fetchOf('plugin://mirror/echo/a%20b?x=1', { headers: { 'X-Said': 'hello' } });

      expect(response).to.be.instanceOf(Response);
      expect(response.status).to.equal(201);
      expect(response.headers.get('x-answered')).to.equal('yes');
      expect(response.headers.getSetCookie()).to.deep.equal(['a=1', 'b=2']);
      expect(await response.json()).to.include({ method: 'GET', path: '/a%20b', said: 'hello' });
    });

    for (const [what, body, type, text] of [
      ['text', 'grüße', 'text/plain;charset=UTF-8', 'grüße'],
      ['bytes', new TextEncoder().encode('bytes'), '', 'bytes'],
      ['a form', new URLSearchParams({ a: '1' }), 'application/x-www-form-urlencoded;charset=UTF-8', 'a=1'],
      ['a blob', new Blob(['blob'], { type: 'text/csv' }), 'text/csv', 'blob'],
      ['a stream', new Blob(['one', 'two']).stream(), '', 'onetwo'],
      ['nothing', undefined, '', ''],
    ] as const) {
      it(`sends ${what}`, async () => {
        const response = await fetchOf('plugin://mirror/echo', { method: 'post', ...(body && { body }) });

        expect(await response.json()).to.include({ method: 'POST', type, text });
      });
    }

    it('gives the answers to HEAD, and those without a body', async () => {
      const head = await fetchOf('plugin://mirror/echo', { method: 'HEAD' });
      const empty = await fetchOf('plugin://mirror/nothing', { method: 'PUT' });

      expect([head.status, head.body, empty.status, empty.body]).to.deep.equal([201, null, 204, null]);
    });

    it('gives errors as they are', async () => {
      const response = await fetchOf('plugin://mirror/fail');

      expect(response.status).to.equal(500);
      expect(await response.json()).to.have.nested.property('error.code', 'internal_server_error');
    });

    it('lets no more of an answer be made than is read, and ends it with its reader', async () => {
      const response = await fetchOf('plugin://mirror/flow');
      const reader = response.body!.getReader();

      const { value } = await reader.read();
      await new Promise(resolve => setTimeout(resolve, 50));
      const { made } = pair.mirror;

      expect(value!.length).to.be.above(0);
      // What sockets hold over HTTP is some MB; in memory it is 64 KiB.
      expect(made * 16_384).to.be.below(inMemory ? 400_000 : 20_000_000);
      await reader.cancel();
      await new Promise(resolve => setTimeout(resolve, 50));
      const ended = pair.mirror.made;
      await new Promise(resolve => setTimeout(resolve, 50));
      expect(pair.mirror.made).to.equal(ended);
    });

    it('gives an answer up that nobody reads before the deadline, and has its maker stop', async () => {
      const response = await fetchOf('plugin://mirror/flow', { call: { ...own, timeout: 300 } });
      const flowing = pair.mirror.flowing;
      await new Promise(resolve => setTimeout(resolve, 500));

      const error = await rejection(response.arrayBuffer());

      expect([flowing, pair.mirror.flowing]).to.deep.equal([1, 0]);
      expect(error).to.include({ status: 504, code: 'deadline_exceeded' });
    });

    it('lets an answer take its time once somebody reads it', async () => {
      const response = await fetchOf('plugin://mirror/flow', { call: { ...own, timeout: 1_000 } });
      const reader = response.body!.getReader();
      await reader.read();
      await new Promise(resolve => setTimeout(resolve, 1_200));

      const { done } = await reader.read();

      expect(done).to.equal(false);
      await reader.cancel();
    });

    it('ends an answer whose reader has begun and then stands still', async () => {
      await using standing = await startPair(inMemory, { server: { sendTimeout: 200 } });
      const response = await standing.wire.fetch('plugin://mirror/flow', { call: own });
      const reader = response.body!.getReader();
      await reader.read();

      await until('its maker has stopped', () => standing.mirror.flowing === 0);

      const readRest = async () => {
        while (!(await reader.read()).done);
      };
      expect(await rejection(readRest())).to.be.instanceOf(Error);
    });

    for (const url of [
      'http://mirror/',
      'plugin://Mirror/',
      'plugin://mirror:80/',
      'plugin://a@mirror/',
      'plugin://:a@mirror/',
      'plugin://mirror/greet/..',
      'plugin://mirror/greet/%2E%2e/hang?x',
      'plugin://mirror/greet/.\t./hang',
      'plugin://mirror/./greet/a#b',
      'plugin:///x',
      'x',
    ]) {
      it(`knows no plugin in ${url}`, async () => {
        const error = await rejection(fetchOf(url));

        expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes(url);
      });
    }

    it('takes dots in a name, and in the query', async () => {
      const response = await fetchOf('plugin://mirror/echo/...a/..b?from=/../a');

      expect(await response.json()).to.deep.include({ path: '/...a/..b', query: { from: '/../a' } });
    });

    for (const method of ['CONNECT', 'TRACE', 'GE T', 'GET\r\n', '']) {
      it(`knows no method '${JSON.stringify(method)}'`, async () => {
        const error = await rejection(fetchOf('plugin://mirror/echo', { method }));

        expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes('method');
      });
    }

    for (const [what, init] of [
      ['nothing', undefined],
      ['no call', {}],
      ['an empty call', { call: {} }],
      ['credentials that are none', { call: { credentials: 'theirs' } }],
      ['credentials without a principal', { call: { credentials: {} } }],
      ['a timeout that is no number', { call: { credentials: 'own', timeout: '5s' } }],
      ['a timeout of NaN', { call: { credentials: 'own', timeout: NaN } }],
      ['an option that is misspelt', { call: { credentials: 'own', timeot: 100 } }],
      ['a signal that is none', { call: { credentials: 'own', signal: {} } }],
    ] as const) {
      it(`says what a call has to say where it is given ${what}`, async () => {
        const error = await rejection(pair.wire.fetch('plugin://mirror/echo', init as never));

        expect(error)
          .to.be.instanceOf(TypeError)
          .with.property('message')
          .that.matches(/credentials: 'own'/);
      });
    }

    for (const [what, part] of [
      ['numbers', 5],
      ['objects', { length: 1 }],
      ['nothing', null],
    ] as const) {
      it(`fails where a body has ${what} in it`, async () => {
        const body = new ReadableStream({
          start(controller) {
            controller.enqueue(part);
            controller.close();
          },
        });

        const error = await rejection(fetchOf('plugin://mirror/echo', { method: 'POST', body }));

        expect(error).to.include({ code: 'plugin_unreachable' });
      });
    }

    for (const name of [
      'authorization',
      'cookie',
      'host',
      'x-backplane-hops',
      'transfer-encoding',
      'X-Forwarded-For',
    ]) {
      it(`lets nobody set ${name}`, async () => {
        const error = await rejection(fetchOf('plugin://mirror/echo', { headers: { [name]: 'a' } }));

        expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes(name.toLowerCase());
      });
    }

    it('sends no body with GET', async () => {
      const error = await rejection(fetchOf('plugin://mirror/echo', { body: 'a' }));

      expect(error).to.be.instanceOf(TypeError);
    });
  });
}
