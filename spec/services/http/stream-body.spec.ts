import { expect } from 'chai';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { PluginHttpRouter } from '../../../lib/services/http/plugin-http-router.js';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture } from './http-fixture.js';

describe('A stream as the answer', () => {
  let http: HttpFixture;
  let router: PluginHttpRouter;

  beforeEach(async () => {
    http = await HttpFixture.start();
    router = http.plugin('catalog');
  });

  afterEach(async () => {
    await http[Symbol.asyncDispose]();
  });

  it('is a 500 where it fails before its first byte', async () => {
    http.route(router, 'GET /missing', () => createReadStream('/nonexistent'));

    const { status } = await http.ask('/api/catalog/missing');

    expect(status).to.equal(500);
    expect(http.logger.entries.filter(({ level }) => level === 'error')).to.have.length(1);
  });

  it('is a 500 where it gives what cannot be sent', async () => {
    http.route(router, 'GET /objects', () => Readable.from([{ a: 1 }]));

    expect((await http.ask('/api/catalog/objects')).status).to.equal(500);
  });

  it('can be what an async generator gives', async () => {
    http.route(router, 'GET /generated', async function* () {
      yield 'a';
      await pause(1);
      yield 'b';
    });

    expect((await http.ask('/api/catalog/generated')).text).to.equal('ab');
  });
});
