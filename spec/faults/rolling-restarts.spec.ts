import { expect } from 'chai';
import { ChildBackend } from './harness/child-backend.js';
import { freePort } from './harness/free-port.js';
import { Haproxy } from './harness/haproxy.js';
import { LoadClient, type LoadResult } from './harness/load-client.js';
import { nightly } from './harness/nightly.js';

const restarts = nightly(4, 20);

/** One of two instances, at a port that it keeps over its restarts. */
class Instance implements AsyncDisposable {
  readonly port: number;
  readonly #fixture: string;
  #child: ChildBackend | undefined;

  constructor(fixture: string, port: number) {
    this.#fixture = fixture;
    this.port = port;
  }

  async start(): Promise<this> {
    const listen = { host: '127.0.0.1', port: this.port };
    // Longer than the balancer takes to see it: two checks, 200 ms apart.
    const lifecycle = { serverShutdownDelay: 1_000 };
    this.#child = new ChildBackend(this.#fixture, { backend: { listen, lifecycle, requestLog: false } });
    await this.#child.started();
    return this;
  }

  /** As an orchestrator does it: a signal, some patience, and then the end. */
  async stop(): Promise<void> {
    this.#child!.kill('SIGTERM');
    await this.#child!.exit(3_000).catch(() => this.#child!.kill('SIGKILL'));
    await this.#child![Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child?.[Symbol.asyncDispose]();
  }
}

/** What comes of a steady load on two instances while one after the other is restarted. */
async function rollingRestarts(fixture: string, readiness: string, count: number): Promise<LoadResult[]> {
  await using one = await new Instance(fixture, await freePort()).start();
  await using other = await new Instance(fixture, await freePort()).start();
  const instances = [one, other];
  await using haproxy = await Haproxy.start(
    instances.map(({ port }) => port),
    readiness,
  );
  const { port } = haproxy;
  const clients = [
    new LoadClient({ port, connections: 30, path: '/api/probe/ping', pause: 50 }),
    new LoadClient({ port, connections: 30, path: '/api/probe/slow', pause: 50 }),
  ];
  for (let n = 0; n < count; n++) {
    const instance = instances[n % 2]!;
    await instance.stop();
    await instance.start();
    await haproxy.seesUp(instance.port);
  }
  // Awaited here: what it uses ends with this function.
  return await Promise.all(clients.map(client => client.end()));
}

const failed = (results: readonly LoadResult[]): number =>
  results.reduce((sum, { requests, ok }) => sum + requests - ok, 0);

describe('Rolling restarts of two instances behind haproxy', function () {
  this.timeout(nightly(60_000, 300_000));

  before(function () {
    if (Haproxy.isInstalled) return;
    process.stderr.write('Rolling restarts need haproxy: apt-get install haproxy\n');
    this.skip();
  });

  it(`fail no request in ${restarts} restarts`, async () => {
    const results = await rollingRestarts('only-probe', '/.backplane/health/v1/readiness', restarts);

    for (const { requests, ok, ...rest } of results) {
      expect(requests).to.be.above(500);
      expect(ok, JSON.stringify(rest)).to.equal(requests);
    }
  });

  it('fail requests where a server is only closed', async () => {
    expect(failed(await rollingRestarts('plain-server', '/', 1))).to.be.above(0);
  });
});
