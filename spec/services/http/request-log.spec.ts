import { expect } from 'chai';
import { connect } from 'node:net';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture } from './http-fixture.js';

const linesOf = (http: HttpFixture) => http.logger.entries.filter(({ meta }) => meta['type'] === 'incomingRequest');

describe('The log of requests', () => {
  it('has one line for each, when it is answered', async () => {
    await using http = await HttpFixture.start();
    http.route(http.plugin('catalog'), 'POST /x', () => 'hello');

    await http.ask('/api/catalog/x?token=SECRET', {
      method: 'POST',
      headers: { 'user-agent': 'spec', 'x-request-id': 'abc', cookie: 'a=SECRET' },
    });
    await http.ask('/api/nobody');
    await pause(20);
    const [line, other, ...more] = linesOf(http);
    const { duration, ...rest } = line!.meta;

    expect(line!.level).to.equal('info');
    expect(rest).to.deep.equal({
      type: 'incomingRequest',
      method: 'POST',
      url: '/api/catalog/x',
      status: 200,
      contentLength: 5,
      userAgent: 'spec',
      requestId: 'abc',
      plugin: 'catalog',
    });
    expect(duration).to.be.within(0, 1_000);
    expect(other!.meta).to.include({ url: '/api/nobody', status: 404 }).and.not.have.property('plugin');
    expect(more).to.deep.equal([]);
    expect(JSON.stringify(http.logger.entries)).not.to.contain('SECRET');
  });

  it('says so where nobody waited for the answer', async () => {
    await using http = await HttpFixture.start();
    http.route(http.plugin('catalog'), 'GET /x', () => pause(200));
    const socket = connect(http.port, '127.0.0.1');
    socket.write('GET /api/catalog/x?a HTTP/1.1\r\nHost: a\r\n\r\n');
    await pause(50);
    socket.destroy();
    await pause(50);

    expect(linesOf(http).map(({ meta }) => [meta['url'], meta['status'], meta['aborted']])).to.deep.equal([
      ['/api/catalog/x', undefined, true],
    ]);
  });

  it('is not there where configuration says so', async () => {
    await using http = await HttpFixture.start({ requestLog: false });

    await http.ask('/');

    expect(linesOf(http)).to.deep.equal([]);
  });
});
