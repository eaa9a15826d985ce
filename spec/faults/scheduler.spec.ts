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
import { onSharedDatabases } from './harness/shared-databases.js';
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

onSharedDatabases('instances that share tasks on', open => {
  it('take over from one that is killed, one at a time, and number the runs upwards', async function () {
    const kills = nightly(5, 50);
    this.timeout(kills * 15_000);
    await using place = await open();
    await using instances = new Instances(place.config);
    await Promise.all([instances.add(), instances.add(), instances.add()]);

    const durations = await takeovers(instances, kills, () => instances.add());

    expectOneAtATime(instances.log);
    // Of a busy machine the least says what the framework does; none waits for a second lease.
    expect(Math.min(...durations)).to.be.at.most(lease + poll);
    expect(Math.max(...durations)).to.be.at.most(lease + poll + 1_500);
  });

  it('do so whatever their clocks say', async function () {
    this.timeout(60_000);
    await using place = await open();
    await using instances = new Instances(place.config);
    const clock = pathToFileURL(join(import.meta.dirname, 'fixtures/shifted-clock.js')).href;
    const add = (minutes: number): Promise<ChildBackend> =>
      instances.add({ CLOCK_SHIFT: String(minutes * 60_000) }, ['--import', clock]);
    await Promise.all([add(-5), add(0), add(5)]);
    const shifts = [5, -5, 0];

    await takeovers(instances, 3, () => add(shifts.pop()!));

    expectOneAtATime(instances.log);
  });

  it('tell one that stood still that it has lost its lease, and let it write nothing', async function () {
    this.timeout(60_000);
    await using place = await open();
    await using instances = new Instances(place.config);
    const first = await instances.add();
    const holder = await instances.log.holder();
    const other = await instances.add();

    first.kill('SIGSTOP');
    await sleep(2 * lease);
    const resumed = machineTime();
    first.kill('SIGCONT');
    const { fields } = await first.line(({ message }) => message === 'RESUMED');
    const refused = await first.line(({ message }) => message === 'REFUSED');
    await first.line(({ fields: { eventId } }) => eventId === 'task-lease-lost');

    const next = await instances.log.start(run => run.fence > holder.fence);
    expect([next.child, next.fence]).to.deep.equal([other, holder.fence + 1]);
    expect(next.at).to.be.below(resumed);
    expect(fields['aborted']).to.equal(true);
    expect(refused.fields['code']).to.equal('LEASE_LOST');
    expect(first.log.messages()).to.include('ABORT').and.not.to.include('WRITTEN');
    expect(await rowsWritten(place.config)).to.deep.equal([]);
  });
});

// The time of SQLite is that of the machine, on which all who share a file are; it has one writer, which others wait for.
onSharedDatabases(
  'instances that share tasks on the server',
  open => {
    it('go on with them, one at a time, while somebody sets the clock of one', async function () {
      if (!WallClock.isInstalled) this.skip();
      this.timeout(60_000);
      using clock = new WallClock();
      await using place = await open();
      await using instances = new Instances(place.config);
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
    });

    it('take over from one that stands still while it writes, of which nothing is kept', async function () {
      this.timeout(60_000);
      await using place = await open();
      await using instances = new Instances({ ...place.config, idleTransactionTimeout: '4s' });
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
      expect(await rowsWritten(place.config)).to.deep.equal([]);
    });
  },
  ['postgres-schemas', 'mysql'],
);
