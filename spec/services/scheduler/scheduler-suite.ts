import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { DatabaseService } from '../../../lib/api/database-service.js';
import type { TaskRun } from '../../../lib/api/scheduler-service.js';
import type { TestBackend } from '../../../lib/testing/test-backend.js';
import { until } from '../../faults/harness/until.js';
import type { Place } from '../database/database-suite.js';
import { startTasks, type Tasks } from './scheduler-fixture.js';

const patient = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

/** What has to hold wherever the instances of a backend share their tasks. */
export function itKeepsTasks(open: () => Promise<Place>): void {
  let place: Place;

  beforeEach(async () => {
    place = await open();
  });

  afterEach(() => place[Symbol.asyncDispose]());

  function instance(tasks: Tasks, scheduler: JsonObject = {}): ReturnType<typeof startTasks> {
    const backend = { database: place.config, scheduler: { lease: '3s', poll: 100, ...scheduler } };
    return startTasks(tasks, { backend, realTime: true });
  }

  const dataSourceOf = (backend: TestBackend): Promise<DataSource> =>
    backend.get(DatabaseService, { pluginId: 'worker' }).getDataSource();

  it('begins each run once, however many instances begin at the same time', async () => {
    const runs: string[] = [];
    const tasks = Array.from({ length: 10 }, (_, index): Tasks[number] => {
      const id = `task-${index}`;
      return [{ id, every: '1h' }, () => void runs.push(id)];
    });

    const backends = await Promise.all([instance(tasks), instance(tasks), instance(tasks)]);
    await until('all runs', () => runs.length >= 10);
    await until('their end', async () => {
      const states = await backends[0].scheduler.getTasks();
      return states.every(({ lastRun }) => lastRun?.outcome === 'completed');
    });
    await Promise.all(backends.map(backend => backend.stop()));

    expect(runs.toSorted()).to.deep.equal(tasks.map(([{ id }]) => id));
  });

  it('numbers the runs of a task upwards, whichever instance begins them', async () => {
    const fences: number[] = [];
    const work = (_: AbortSignal, { fence }: TaskRun): void => void fences.push(fence);
    const tasks: Tasks = [[{ id: 'count', every: 100 }, work]];
    await using first = await instance(tasks);
    await using second = await instance(tasks);

    await until('some runs', () => fences.length >= 10);

    await Promise.all([first.stop(), second.stop()]);
    expect(fences).to.deep.equal(Array.from({ length: fences.length }, (_, index) => index + 1));
  });

  for (const [catchUp, made] of [
    ['one', 1],
    ['none', 0],
  ] as const) {
    it(`makes up for ${catchUp} of the runs that were due while nobody was there`, async () => {
      let runs = 0;
      const tasks: Tasks = [[{ id: 'hourly', cron: '0 * * * *', catchUp }, () => void runs++]];
      const before = await instance(tasks);
      const [known] = await before.scheduler.getTasks();
      const late = known!.nextRunAt!.getTime() - 4 * 3_600_000;
      await (await dataSourceOf(before)).query(`UPDATE backplane_tasks SET next_run = ${late}`);
      await before.stop();
      runs = 0;

      await using after = await instance(tasks);
      const isSettled = async (): Promise<boolean> => {
        const [state] = await after.scheduler.getTasks();
        return state!.status === 'idle' && state!.nextRunAt!.getTime() > Date.now();
      };
      await until('the next time', isSettled);
      await new Promise(resolve => setTimeout(resolve, 300));

      expect(runs).to.equal(made);
      expect(await isSettled()).to.equal(true);
    });
  }

  it('ends a run that somebody cancels in another instance', async () => {
    const ends: string[] = [];
    const work = async (signal: AbortSignal): Promise<void> => {
      await patient(signal);
      ends.push(String(signal.reason));
    };
    const tasks: Tasks = [[{ id: 'long', manual: true }, work]];
    await using first = await instance(tasks);
    await first.scheduler.triggerTask('long');
    await until('the run', async () => (await first.scheduler.getTasks())[0]!.status === 'running');
    await using second = await instance(tasks);

    await second.scheduler.cancelTask('long');

    await until('its end', () => ends.length === 1);
    await until('the record', async () => (await second.scheduler.getHistory('long'))[0]?.outcome === 'cancelled');
    expect(ends[0]).to.contain('cancelled');
  });

  it('goes on in another instance at once when one stops', async () => {
    const begun: [number, number][] = [];
    const workOf =
      (number: number) =>
      async (signal: AbortSignal, { fence }: TaskRun): Promise<void> => {
        begun.push([number, fence]);
        await patient(signal);
      };
    const options = { id: 'long', every: '1h' } as const;
    const first = await instance([[options, workOf(1)]], { lease: '1h', poll: 100 });
    await until('the run', () => begun.length === 1);
    await using second = await instance([[options, workOf(2)]], { lease: '1h', poll: 100 });

    await first.stop();

    await until('the other run', () => begun.length === 2);
    expect(begun).to.deep.equal([
      [1, 1],
      [2, 2],
    ]);
    expect((await second.scheduler.getHistory('long')).map(({ outcome }) => outcome)).to.deep.equal([
      undefined,
      'stopped',
    ]);
  });

  it('writes nothing of a run that has lost its lease, and tells it', async () => {
    let told: unknown;
    let begin: () => void = () => {};
    const lost = new Promise<void>(resolve => (begin = resolve));
    let end: () => void = () => {};
    const ended = new Promise<void>(resolve => (end = resolve));
    let wasAborted = false;
    const work = async (signal: AbortSignal, run: TaskRun): Promise<void> => {
      if (run.fence > 1) return patient(signal);
      await run.write(manager => manager.query('CREATE TABLE written (fence integer)'));
      await run.write(manager => manager.query('INSERT INTO written VALUES (1)'));
      await lost;
      const write = run.write(manager => manager.query('INSERT INTO written VALUES (2)'));
      told = await write.catch((error: { code?: unknown }) => error.code);
      await patient(signal);
      wasAborted = signal.aborted;
      end();
    };
    await using backend = await instance([[{ id: 'work', manual: true }, work]], { lease: '1m', poll: 15_000 });
    const dataSource = await dataSourceOf(backend);
    await backend.scheduler.triggerTask('work');
    await until('the first write', async () => {
      return dataSource.query('SELECT * FROM written').then(
        (rows: unknown[]) => rows.length === 1,
        () => false,
      );
    });

    await dataSource.query(`UPDATE backplane_tasks SET holder = 'somebody', fence = fence + 1`);
    begin();
    await ended;

    expect([told, wasAborted]).to.deep.equal(['LEASE_LOST', true]);
    expect(await dataSource.query('SELECT fence FROM written')).to.deep.equal([{ fence: 1 }]);
  });

  it('keeps a bounded number of runs', async () => {
    const tasks: Tasks = [[{ id: 'quick', manual: true }, () => {}]];
    await using backend = await instance(tasks, { history: 3 });
    const { scheduler } = backend;

    for (let run = 1; run <= 20; run++) {
      await scheduler.triggerTask('quick');
      await until('its end', async () => {
        const [last] = await scheduler.getHistory('quick');
        return last?.fence === run && last.outcome === 'completed';
      });
    }

    expect((await scheduler.getHistory('quick')).map(({ fence }) => fence)).to.deep.equal([20, 19, 18]);
    const rows = (await (await dataSourceOf(backend)).query('SELECT * FROM backplane_task_runs')) as unknown[];
    expect(rows).to.have.length(3);
  });

  it('gives a task whose schedule has changed its new times', async () => {
    const before = await instance([[{ id: 'work', cron: '0 0 1 1 *' }, () => {}]]);
    await before.stop();

    await using after = await instance([[{ id: 'work', every: '1h', initialDelay: '1h' }, () => {}]]);

    const [state] = await after.scheduler.getTasks();
    expect(state!.nextRunAt!.getTime()).to.be.within(Date.now() + 3_500_000, Date.now() + 3_700_000);
  });

  it('makes known again what somebody has deleted, with numbers that go on', async () => {
    const fences: number[] = [];
    const work = (_: AbortSignal, { fence }: TaskRun): void => void fences.push(fence);
    await using backend = await instance([[{ id: 'work', every: 100 }, work]]);
    await until('some runs', () => fences.length >= 3);

    await (await dataSourceOf(backend)).query('DELETE FROM backplane_tasks');

    const { length } = fences;
    await until('some others', () => fences.length >= length + 3);
    expect(fences).to.deep.equal([...new Set(fences)].toSorted((one, other) => one - other));
  });
}
