import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectPlainly } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { BackendStatus } from '../../../lib/backend/backend-status.js';
import { RootInstanceMetadata } from '../../../lib/backend/built-ins.js';
import { RootHooks, RootLifecycle } from '../../../lib/backend/lifecycle-hooks.js';
import { ConfigError } from '../../../lib/errors/config-error.js';
import { configOfData } from '../../../lib/services/config/config-of-data.js';
import { BackendHealth } from '../../../lib/services/health/backend-health.js';
import { readHttpSettings } from '../../../lib/services/http/http-settings.js';
import { RootRedis } from '../../../lib/services/redis/root-redis.js';
import { RootHttpRouter } from '../../../lib/services/http/root-http-router.js';
import { selfSignedCertificate } from '../../../lib/services/http/self-signed-certificate.js';
import { MockLogger } from '../../../lib/testing/mock-logger.js';
import { pause } from '../../../lib/util/pause.js';
import { HttpFixture } from './http-fixture.js';

type Pair = Awaited<ReturnType<typeof selfSignedCertificate>>;

async function start(https: Pair) {
  const settings = (certificate: Pair) => ({
    backend: { listen: { host: '127.0.0.1', port: 0 }, https: { certificate: { ...certificate } } },
  });
  const config = configOfData(settings(https));
  const status = new BackendStatus();
  status.enter('ready');
  const logger = new MockLogger();
  const instance = new RootInstanceMetadata('test', process.cwd());
  const health = new BackendHealth(status, logger);
  const root = await RootHttpRouter.create(
    config,
    instance,
    status,
    new RootLifecycle(new RootHooks()),
    health,
    logger,
    new RootRedis(logger),
  );
  root.use('/who', ctx => {
    ctx.body = {
      protocol: ctx.protocol,
      secure: ctx.secure,
      server: typeof (ctx.req.socket as { server?: object }).server,
    };
  });
  return { root, logger, port: root.address!.port, update: (next: Pair) => config.update(settings(next)) };
}

function ask(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', servername: 'portal.test', path: '/who', ca, agent: false };
    const outgoing = request(options, incoming => {
      let text = '';
      incoming.on('data', chunk => (text += String(chunk)));
      incoming.on('end', () => resolve(text));
    });
    outgoing.on('error', reject).end();
  });
}

describe('HTTPS', () => {
  let folder: string;
  let first: Pair;
  let second: Pair;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificates-'));
    first = await selfSignedCertificate('portal.test', join(folder, 'first'));
    second = await selfSignedCertificate('portal.test', join(folder, 'second'));
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  it('serves with the certificate that is configured, and says so', async () => {
    const { root, port, logger } = await start(first);

    const answer = await ask(port, first.cert);
    await root[Symbol.asyncDispose]();

    expect(JSON.parse(answer)).to.deep.equal({ protocol: 'https', secure: true, server: 'object' });
    expect(logger.messages('info')[0]).to.equal(`Listening at https://127.0.0.1:${port}`);
  });

  it('speaks HTTP/1.1 only, and no TLS before 1.2', async () => {
    const { root, port } = await start(first);
    const handshake = (options: object) =>
      new Promise<TLSSocket | Error>(resolve => {
        const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () =>
          resolve(socket),
        );
        socket.on('error', resolve);
      });

    const chosen = await handshake({ ALPNProtocols: ['h2', 'http/1.1'] });
    const old = await handshake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    if (!(chosen instanceof Error)) chosen.destroy();
    await root[Symbol.asyncDispose]();

    expect(chosen).to.have.property('alpnProtocol', 'http/1.1');
    expect(old).to.be.instanceOf(Error);
  });

  it('ends in time where somebody is connected who never speaks', async () => {
    const { root, port } = await start(first);
    const silent = connectPlainly(port, '127.0.0.1').on('error', () => {});
    await pause(50);
    const started = performance.now();

    await root[Symbol.asyncDispose]();

    expect(performance.now() - started).to.be.below(1_000);
    silent.destroy();
  });

  it('takes another certificate while it runs, and keeps the good one where that is none', async () => {
    const { root, port, logger, update } = await start(first);

    update(second);
    await pause(50);
    const renewed = await ask(port, second.cert);
    update({ cert: 'nothing', key: second.key });
    await pause(50);
    const kept = await ask(port, second.cert);
    await root[Symbol.asyncDispose]();

    expect(renewed).to.contain('https');
    expect(kept).to.contain('https');
    expect(logger.messages('error')).to.deep.equal(['The certificate is invalid; the previous one stays in use']);
    expect(JSON.stringify(logger.entries)).not.to.contain('PRIVATE KEY');
  });

  it('ends with an answer that cannot be completed, so that nobody takes its beginning for all', async () => {
    await using http = await HttpFixture.start({ https: true });
    http.route(http.plugin('a'), 'GET /half', async ctx => {
      ctx.res.write('half');
      await new Promise(resolve => setImmediate(resolve));
      throw new Error('no other half');
    });
    const socket = connect({ port: http.port, host: '127.0.0.1', rejectUnauthorized: false });
    let text = '';
    socket.on('data', chunk => (text += chunk.toString())).on('error', () => {});
    socket.write('GET /api/a/half HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise(resolve => socket.on('close', resolve));

    expect(text).to.match(/^HTTP\/1.1 200 [^]*\r\n\r\n4\r\nhalf\r\n$/);
    expect(http.logger.messages('error')).to.deep.equal(['A request failed']);
  });

  it('answers what is no request in plain', async () => {
    const { root, port } = await start(first);
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    let text = '';
    socket.on('data', chunk => (text += chunk.toString()));
    socket.write('this is not HTTP\r\n\r\n');
    await new Promise(resolve => socket.on('close', resolve));
    await root[Symbol.asyncDispose]();

    expect(text).to.match(/^HTTP\/1.1 400 /);
  });

  const wrong: [string, (first: Pair, second: Pair) => object, string][] = [
    ['a certificate that is none', ({ key }) => ({ cert: 'CANARY', key }), 'backend.https.certificate.cert'],
    ['a key that is none', ({ cert }) => ({ cert, key: 'CANARY' }), 'backend.https.certificate.key'],
    ['a key of another certificate', ({ cert }, { key }) => ({ cert, key }), 'backend.https.certificate.key'],
    ['a certificate without a key', ({ cert }) => ({ cert }), 'backend.https.certificate.key'],
  ];
  for (const [what, make, key] of wrong) {
    it(`is refused with ${what}`, () => {
      const config = configOfData({
        backend: { https: { certificate: make(first, second) as Record<string, string> } },
      });

      expect(() => readHttpSettings(config))
        .to.throw(ConfigError, `'${key}'`)
        .with.property('message')
        .that.does.not.match(/CANARY|PRIVATE/);
    });
  }
});

describe('selfSignedCertificate()', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('is for the host and this machine, for 30 days, and signs nothing else', async () => {
    const { cert } = await selfSignedCertificate('portal.test', folder);
    const parsed = new X509Certificate(cert);

    expect(parsed.checkHost('portal.test')).to.equal('portal.test');
    expect(parsed.checkHost('localhost')).to.equal('localhost');
    expect(parsed.checkIP('127.0.0.1')).to.equal('127.0.0.1');
    expect(parsed.checkIP('::1')).to.equal('::1');
    expect(parsed.ca).to.equal(false);
    expect(Date.parse(parsed.validTo) - Date.now()).to.be.closeTo(30 * 24 * 3_600_000, 60_000);
  });

  it('is the same for a while, in a file that nobody else reads', async () => {
    const first = await selfSignedCertificate('portal.test', folder);
    const second = await selfSignedCertificate('portal.test', folder);
    const other = await selfSignedCertificate('127.0.0.2', folder);
    const files = await readdir(folder);

    expect(second).to.deep.equal(first);
    expect(other.cert).not.to.equal(first.cert);
    expect(new X509Certificate(other.cert).checkIP('127.0.0.2')).to.equal('127.0.0.2');
    expect(files).to.have.lengthOf(2);
    for (const file of files) expect((await stat(join(folder, file))).mode & 0o077).to.equal(0);
  });

  it('is made again where its file is broken', async () => {
    await selfSignedCertificate('portal.test', folder);
    const [file = ''] = await readdir(folder);
    await writeFile(join(folder, file), 'nothing');

    const { cert } = await selfSignedCertificate('portal.test', folder);

    expect(new X509Certificate(cert).checkHost('portal.test')).to.equal('portal.test');
  });
});
