import { expect } from 'chai';
import type { JsonObject } from '../../lib/api/config-service.js';
import { afterCheck } from './harness/after-check.js';
import { ChildBackend, runBackend, spawnBackend } from './harness/child-backend.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { get } from './harness/http-get.js';
import { ask, liveness, readiness, rowsOf } from './harness/kept-rows.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

/** A database of its own behind a proxy, and what a backend is configured with to use it. */
async function behindProxy(settings: JsonObject = {}) {
  const place = await PostgresPlace.create();
  const proxy = await FaultProxy.before(new URL(place.url));
  const password = 'hunter2hunter2';
  const connection = Object.assign(new URL(proxy.url), { password }).href;
  return {
    place,
    proxy,
    password,
    backend: { database: { ...place.schemas, connection, ...settings } },
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** As an operator ends connections, or a server that goes. */
const endConnections = (place: PostgresPlace) =>
  place.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${place.name}'`);

describe('A PostgreSQL that is gone', () => {
  uses('postgres');

  for (const fault of ['refuse', 'reset', 'blackhole'] as const) {
    it(`R19: ends the start in time (${fault}), with the server and without the password`, async () => {
      await using gone = await behindProxy({ connectTimeout: '1s' });
      await gone.proxy.set(fault);

      const child = await runBackend('data-keeping', { backend: gone.backend });

      expect(child.code).to.equal(1);
      expect(child.duration).to.be.below(8_000);
      expect(child.stderr).to.include('[DATABASE_UNREACHABLE]').and.to.include(`127.0.0.1:${gone.proxy.port}`);
      expect(child.stderr + child.log.text).not.to.include(gone.password);
    });
  }

  it('R19: is tried again where configuration says so, until it is there', async () => {
    await using gone = await behindProxy({ connectTimeout: '1s' });
    await gone.proxy.set('refuse');
    const startup = { default: { onPluginBootFailure: 'continue' }, retry: { initialDelay: 300 } };
    await using child = await spawnBackend('data-keeping', { backend: { ...gone.backend, startup } });

    const early = await ask(child, 'write/1');
    await gone.proxy.set('pass');
    await until('the plugin serves', async () => (await ask(child, 'write/2'))[0] === 200);

    expect(early).to.deep.equal([503, 'plugin_unavailable']);
    expect((await rowsOf(child)).map(({ id }) => id)).to.deep.equal(['migrated', '2']);
    expect(child.log.text).not.to.include(gone.password);
  });

  for (const fault of ['refuse', 'reset'] as const) {
    it(`R20: while nobody needs it (${fault}) makes the backend unready, and no more, until it is back`, async () => {
      await using gone = await behindProxy();
      await using child = await spawnBackend('data-keeping', { backend: gone.backend });
      await ask(child, 'write/1');
      const before = await readiness(child);

      await gone.proxy.set(fault);
      const goneAt = performance.now();
      await until('the backend is not ready', async () => (await readiness(child)) === 503);
      const unready = performance.now() - goneAt;
      const refused = await get(child.at, '/api/keeper/write/2');
      const alive = await liveness(child);
      await gone.proxy.set('pass');
      await until('the backend is ready again', async () => (await readiness(child)) === 200);

      expect([before, alive]).to.deep.equal([200, 200]);
      expect(unready).to.be.below(5_000);
      expect([refused.status, refused.headers['retry-after']]).to.deep.equal([503, '1']);
      expect(refused.text).to.include('"dependency_unavailable"').and.not.to.include('127.0.0.1');
      expect(await ask(child, 'write/3')).to.deep.equal([200, 'written']);
      expect((await rowsOf(child)).map(({ id }) => id)).to.deep.equal(['migrated', '1', '3']);
      await afterCheck(child);
    });
  }

  for (const [how, end] of [
    ['ends its connections', ({ place }) => endConnections(place)],
    ['resets them', ({ proxy }) => proxy.set('reset').then(() => proxy.set('pass'))],
  ] as readonly [string, (gone: Awaited<ReturnType<typeof behindProxy>>) => Promise<unknown>][]) {
    it(`R22: and ${how} within a transaction undoes it at once, and leaves no connection that is used again`, async () => {
      await using gone = await behindProxy();
      await using child = await spawnBackend('data-keeping', { backend: gone.backend });
      const long = get(child.at, '/api/keeper/long');
      await child.line(({ message }) => message === 'keeper: within a transaction');

      await end(gone);
      const endedAt = performance.now();
      const { status } = await long;
      const took = performance.now() - endedAt;
      const next = await Promise.all([1, 2, 3].map(id => ask(child, `pair/${id}`)));

      expect(status).to.equal(503);
      expect(took).to.be.below(2_000);
      expect(next).to.deep.equal([1, 2, 3].map(() => [200, 'written']));
      expect((await rowsOf(child)).filter(({ id }) => id === 'long')).to.deep.equal([]);
      await afterCheck(child);
    });
  }

  it('R22: within a migration undoes it, and the next start has it', async () => {
    await using gone = await behindProxy();
    const env = { MIGRATION_MS: '20000' };
    await using child = new ChildBackend('data-keeping', { backend: gone.backend, env });
    await child.line(({ message }) => message.startsWith('keeper: half'));

    await endConnections(gone.place);
    const { code } = await child.exit();
    await using next = await spawnBackend('data-keeping', { backend: gone.backend });

    expect(code).to.equal(1);
    expect(child.stderr).to.include('[MIGRATION_FAILED]').and.to.include('[DATABASE_UNREACHABLE]');
    expect(await rowsOf(next)).to.deep.equal([{ id: 'migrated', part: 0 }]);
  });
});

describe('A PostgreSQL that has fallen silent', () => {
  uses('postgres');
  const limits = { queryTimeout: '1s', connectTimeout: '2s', pool: { max: 3 } };

  it('R23: fails every query in time, also those that wait for a connection, and serves again when it speaks', async () => {
    await using silent = await behindProxy(limits);
    await using child = await spawnBackend('data-keeping', { backend: silent.backend });
    const ids = Array.from({ length: 12 }, (_, index) => index);
    await Promise.all(ids.map(id => ask(child, `write/${id}`)));

    await silent.proxy.set('blackhole');
    const begin = performance.now();
    const during = await Promise.all([...ids.map(id => ask(child, `write/${id}`)), ask(child, 'pair/1')]);
    const took = performance.now() - begin;
    const unready = await readiness(child);
    const alive = await liveness(child);
    await silent.proxy.set('reset');
    await silent.proxy.set('pass');
    const after = await Promise.all(ids.map(id => ask(child, `write/after-${id}`)));

    expect([...new Set(during.map(([status]) => status))]).to.have.members([503, 504]);
    expect(took).to.be.below(10_000);
    expect([unready, alive]).to.deep.equal([503, 200]);
    expect(after).to.deep.equal(ids.map(() => [200, 'written']));
    await until('the backend is ready again', async () => (await readiness(child)) === 200);
    await afterCheck(child);
  });

  it('R23: is left after one query where only the connections are dead that were open', async () => {
    await using silent = await behindProxy(limits);
    await using child = await spawnBackend('data-keeping', { backend: silent.backend });
    await Promise.all([1, 2, 3, 4, 5, 6].map(id => ask(child, `write/${id}`)));
    silent.proxy.silence();

    const [first] = await ask(child, 'write/a');
    const rest = await Promise.all(['b', 'c', 'd'].map(id => ask(child, `write/${id}`)));

    expect(first).to.equal(504);
    expect(rest).to.deep.equal(['b', 'c', 'd'].map(() => [200, 'written']));
  });

  it('R23: does not keep the backend from stopping', async () => {
    await using silent = await behindProxy(limits);
    await using child = await spawnBackend('data-keeping', { backend: silent.backend });
    await Promise.all([1, 2, 3].map(id => ask(child, `write/${id}`)));
    await silent.proxy.set('blackhole');

    const at = child.kill('SIGTERM');
    const exit = await child.exit();

    expect(exit.code).to.equal(0);
    expect(exit.at - at).to.be.below(5_000);
  });

  it('R23: sends what it asks for, and gives up what the server works at for too long, on the server as well', async () => {
    await using place = await PostgresPlace.create();
    await using child = await spawnBackend('data-keeping', { backend: { database: { ...place.schemas, ...limits } } });

    const slow = await Promise.all([1, 2, 3].map(() => ask(child, 'sleep/30')));
    const [running] = await place.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = '${place.name}' AND state = 'active'`,
    );

    expect(slow).to.deep.equal([1, 2, 3].map(() => [504, 'deadline_exceeded']));
    expect(running).to.deep.equal({ n: 0 });
    expect(await ask(child, 'write/1')).to.deep.equal([200, 'written']);
  });
});
