import { expect } from 'chai';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '../../lib/api/config-service.js';
import { dataSourceOf, pluginWith, startWith } from '../services/database/database-fixture.js';
import type { ChildBackend } from './harness/child-backend.js';
import { Instances, lease, machineTime, poll } from './harness/instances.js';
import type { LeaseLog } from './harness/lease-log.js';
import { nightly } from './harness/nightly.js';
import { onAllSharedDatabases } from './harness/shared-databases.js';
import { WallClock } from './harness/wall-clock.js';

async function rowsWritten(database: JsonObject): Promise<unknown> {
  await using backend = await startWith([pluginWith('working')], database);
  return await (await dataSourceOf(backend, 'working')).query('SELECT fence FROM written');
}

/** Kills whoever has the lease so many times, and gives how long it took until another one had it. */
async function takeovers(instances: Instances, kills: number, add: () => Promise<unknown>): Promise<number[]> {
  const durations: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const holder = await instances.log.holder();
    await sleep(Math.random() * 500);
    const killed = machineTime();
    holder.child.kill('SIGKILL');
    instances.log.killed(holder.child, killed);
    await holder.child.exit();
    const next = await instances.log.start(run => run.fence > holder.fence);
    durations.push(next.at - killed);
    await add();
  }
  return durations;
}

function expectOneAtATime(log: LeaseLog): void {
  const fences = log.fences();
  expect(log.overlaps()).to.deep.equal([]);
  expect(fences).to.deep.equal([...new Set(fences)].toSorted((one, other) => one - other));
}

describe('instances that share tasks', () => {
  const kills = nightly(5, 50);

  onAllSharedDatabases(
    'take over from one that is killed, one at a time, and number the runs upwards',
    kills * 15_000,
    async ({ config }) => {
      await using instances = new Instances(config);
      await Promise.all([instances.add(), instances.add(), instances.add()]);

      const durations = await takeovers(instances, kills, () => instances.add());

      expectOneAtATime(instances.log);
      // Of a busy machine the least says what the framework does; none waits for a second lease.
      expect(Math.min(...durations)).to.be.at.most(lease + poll);
      expect(Math.max(...durations)).to.be.at.most(lease + poll + 1_500);
    },
  );

  onAllSharedDatabases('do so whatever their clocks say', 60_000, async ({ config }) => {
    await using instances = new Instances(config);
    const clock = pathToFileURL(join(import.meta.dirname, 'fixtures/shifted-clock.js')).href;
    const add = (minutes: number): Promise<ChildBackend> =>
      instances.add({ CLOCK_SHIFT: String(minutes * 60_000) }, ['--import', clock]);
    await Promise.all([add(-5), add(0), add(5)]);
    const shifts = [5, -5, 0];

    await takeovers(instances, 3, () => add(shifts.pop()!));

    expectOneAtATime(instances.log);
  });

  onAllSharedDatabases(
    'tell one that stood still that it has lost its lease, and let it write nothing',
    60_000,
    async ({ config }) => {
      await using instances = new Instances(config);
      const first = await instances.add();
      const holder = await instances.log.holder();
      const other = await instances.add();

      first.kill('SIGSTOP');
      const next = await instances.log.start(run => run.fence > holder.fence);
      const resumed = machineTime();
      first.kill('SIGCONT');
      const { fields } = await first.line(({ message }) => message === 'RESUMED');
      const refused = await first.line(({ message }) => message === 'REFUSED');
      await first.line(({ fields: { eventId } }) => eventId === 'task-lease-lost');

      expect([next.child, next.fence]).to.deep.equal([other, holder.fence + 1]);
      expect(next.at).to.be.at.most(resumed);
      expect(fields['aborted']).to.equal(true);
      expect(refused.fields['code']).to.equal('LEASE_LOST');
      expect(first.log.messages()).to.include('ABORT').and.not.to.include('WRITTEN');
      expect(await rowsWritten(config)).to.deep.equal([]);
    },
  );

  // The time of SQLite is that of the machine, on which all who share a file are; it has one writer, which others wait for.
  const onServers = ['postgres-schemas', 'mysql'] as const;

  (WallClock.isInstalled ? describe : describe.skip)('with faketime', () => {
    onAllSharedDatabases(
      'go on, one at a time, while somebody sets the clock of one',
      60_000,
      async ({ config }) => {
        using clock = new WallClock();
        await using instances = new Instances(config);
        const { log } = instances;
        await instances.add({ ...clock.env, LENGTH: '1000' });
        await log.holder();
        await instances.add({ LENGTH: '1000' });

        for (const shift of ['+1h', '-1h', '+5d']) {
          const { fence } = await log.holder();
          clock.set(shift);
          await log.start(run => run.fence > fence);
        }

        expectOneAtATime(log);
        expect([log.said('ABORT'), log.said('REFUSED')]).to.deep.equal([[], []]);
      },
      onServers,
    );
  });

  onAllSharedDatabases(
    'take over from one that stands still while it writes, of which nothing is kept',
    60_000,
    async ({ config }) => {
      await using instances = new Instances({ ...config, idleTransactionTimeout: '4s' });
      const first = await instances.add({ LENGTH: '0', WRITE_LENGTH: '8000' });
      const { fence } = await instances.log.holder();
      await first.line(({ message }) => message === 'WRITING');
      const other = await instances.add();

      first.kill('SIGSTOP');
      const next = await instances.log.start(run => run.fence > fence);
      first.kill('SIGCONT');
      const refused = await first.line(({ message }) => message === 'REFUSED');

      expect([next.child, next.fence]).to.deep.equal([other, fence + 1]);
      expect(refused.fields['code']).to.equal('TRANSACTION_LOST');
      expect(await rowsWritten(config)).to.deep.equal([]);
    },
    onServers,
  );
});
