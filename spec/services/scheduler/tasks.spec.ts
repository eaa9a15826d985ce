import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Plugin, Scheduled } from '../../../decorators/index.js';
import { currentAccount } from '../../../lib/api/attribution.js';
import { LifecycleService } from '../../../lib/api/lifecycle-service.js';
import { LoggerService } from '../../../lib/api/logger-service.js';
import { MetricsService } from '../../../lib/api/metrics-service.js';
import type { TaskFrequency, TaskOptions, TaskRun } from '../../../lib/api/scheduler-service.js';
import { mockCredentials } from '../../../lib/testing/mock-credentials.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { override } from '../../../lib/testing/override.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { until } from '../../faults/harness/until.js';
import { startTasks } from './scheduler-fixture.js';

type Options = Partial<Omit<TaskOptions, 'every' | 'cron' | 'manual'>> & TaskFrequency & { readonly timeZone?: string };

/** Ends when its signal aborts. */
const patient = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve()));
/** Whatever it is told. */
const hanging = (): Promise<void> => new Promise(() => {});

for (const scope of ['global', 'local'] as const) {
  const task = (options: Options): TaskOptions => ({ id: 'work', scope, ...options });

  describe(`a ${scope} task`, () => {
    it('runs at once where it runs every so often, and then each time', async () => {
      let runs = 0;
      await using backend = await startTasks([[task({ every: '5m' }), () => void runs++]]);

      await backend.clock.advance('1s');
      expect(runs).to.equal(1);
      await backend.clock.advance('10m');
      expect(runs).to.equal(3);
    });

    it('runs when its cron says so, in its time zone', async () => {
      const due: string[] = [];
      const options = task({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
      await using backend = await startTasks([[options, (_, run) => void due.push(run.dueAt.toISOString())]]);

      await backend.clock.advance('2 days');

      expect(due).to.deep.equal(['2030-01-01T01:30:00.000Z', '2030-01-02T01:30:00.000Z']);
    });

    it('keeps its times although each run takes a while', async () => {
      const due: number[] = [];
      const options = task({ every: '10s' });
      const work = async (_: AbortSignal, run: TaskRun): Promise<void> => {
        due.push(run.dueAt.getTime());
        await new Promise(resolve => setImmediate(resolve));
      };
      await using backend = await startTasks([[options, work]]);

      await backend.clock.advance('55s');

      expect(due.slice(1).map((time, index) => time - due[index]!)).to.deep.equal([
        10_000, 10_000, 10_000, 10_000, 10_000,
      ]);
    });

    it('waits for its initial delay', async () => {
      let runs = 0;
      const options = task({ every: '1s', initialDelay: '10s' });
      await using backend = await startTasks([[options, () => void runs++]]);

      await backend.clock.advance('9s');
      expect(runs).to.equal(0);
      await backend.clock.advance('1500ms');
      expect(runs).to.equal(1);
    });

    it('runs when it is triggered, and not by itself where it is manual', async () => {
      let runs = 0;
      await using backend = await startTasks([[task({ manual: true }), () => void runs++]]);

      await backend.clock.advance('1 day');
      expect(runs).to.equal(0);
      const run = await backend.runTask('work', { pluginId: 'worker' });
      expect([runs, run.outcome]).to.deep.equal([1, 'completed']);
    });

    it('is waited for by runTask(), however long it takes, or as long as that may', async () => {
      const slow = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1_200));
      await using backend = await startTasks([
        [task({ manual: true }), slow],
        [{ ...task({ manual: true }), id: 'stuck' }, patient],
      ]);

      const run = await backend.runTask('work', { pluginId: 'worker' });
      const failure = await backend
        .runTask('stuck', { pluginId: 'worker', timeout: '100ms' })
        .catch((error: unknown) => error);

      expect([run.outcome, run.endedAt]).to.deep.equal(['completed', run.startedAt]);
      expect(failure).to.have.property('code', 'TASK_NOT_ENDED');
    });

    it('keeps its times when it is triggered in between', async () => {
      const due: number[] = [];
      const options = task({ cron: '0 * * * *' });
      await using backend = await startTasks([[options, (_, run) => void due.push(run.dueAt.getUTCMinutes())]]);

      await backend.clock.advance('90m');
      await backend.runTask('work', { pluginId: 'worker' });
      await backend.clock.advance('1h');

      expect(due).to.deep.equal([0, 30, 0]);
    });

    it('cannot be triggered while it runs, nor cancelled while it does not', async () => {
      await using backend = await startTasks([[task({ manual: true }), patient]]);
      const { scheduler, clock } = backend;
      const codeOf = (work: Promise<unknown>): Promise<unknown> =>
        work.then(
          () => 'done',
          (error: { status?: number }) => error.status,
        );

      expect(await codeOf(scheduler.cancelTask('work'))).to.equal(409);
      await scheduler.triggerTask('work');
      await clock.settle();
      expect(await codeOf(scheduler.triggerTask('work'))).to.equal(409);
      expect(await codeOf(scheduler.cancelTask('work'))).to.equal('done');
      await clock.advance('2s');
      expect((await scheduler.getHistory('work'))[0]).to.include({ outcome: 'cancelled' });
      expect(await codeOf(scheduler.triggerTask('other'))).to.equal(404);
      expect(await codeOf(scheduler.cancelTask('other'))).to.equal(404);
      expect(await codeOf(scheduler.getHistory('other'))).to.equal(404);
    });

    it('is told to end when it takes too long', async () => {
      await using backend = await startTasks([[task({ manual: true, timeout: '5s' }), patient]]);

      await backend.scheduler.triggerTask('work');
      await backend.clock.advance('4s');
      expect((await backend.scheduler.getTasks())[0]).to.include({ status: 'running' });
      await backend.clock.advance('2s');

      const [state] = await backend.scheduler.getTasks();
      expect(state).to.include({ status: 'idle' });
      expect(state!.lastRun).to.include({ outcome: 'timed-out' });
    });

    it('begins anew although it hangs, once nobody waits for it any more', async () => {
      let runs = 0;
      const options = task({ every: '1m', timeout: '5s' });
      const work = (): Promise<void> => {
        runs += 1;
        return hanging();
      };
      await using backend = await startTasks([[options, work]], { backend: { scheduler: { lease: '3s' } } });
      const { clock, scheduler } = backend;

      await clock.advance('10s');
      expect(runs).to.equal(1);
      expect((await scheduler.getTasks())[0]!.lastRun).to.include({ outcome: 'timed-out' });
      await clock.advance('1m');
      expect(runs).to.equal(2);
    });

    it('waits longer each time it fails in a row, and tells with what', async () => {
      const due: number[] = [];
      const work = (_: AbortSignal, run: TaskRun): never => {
        due.push(run.dueAt.getTime());
        throw new RangeError('no luck');
      };
      const logger = mockServices.logger();
      const overrides = [override(LoggerService).withValue(logger)];
      await using backend = await startTasks([[task({ every: '1s' }), work]], { overrides });

      await backend.clock.advance('5m');

      const waits = due.slice(1).map((time, index) => Math.round((time - due[index]!) / 1_000));
      expect(waits).to.deep.equal([1, 2, 4, 8, 16, 32, 60, 60, 60]);
      const [state] = await backend.scheduler.getTasks();
      expect(state!.lastRun).to.include({ outcome: 'failed', error: 'no luck' });
      expect(logger.entries.filter(({ level }) => level === 'error')).to.have.length(10);
    });

    it('runs on whatever it has failed with', async () => {
      const failures: unknown[] = [
        Object.assign(new Error('no'), { message: 42 }),
        Object.assign(new Error('no'), { message: { code: 'E_NO' } }),
        Object.assign(new Error('no'), { message: undefined }),
        Object.create(null),
        undefined,
      ];
      let runs = 0;
      const work = (): void => {
        if (runs++ < failures.length) throw failures[runs - 1];
      };
      await using backend = await startTasks([[task({ every: '5m' }), work]]);

      await backend.clock.advance('1h');

      expect(runs).to.be.above(failures.length);
      const errors = (await backend.scheduler.getHistory('work')).toReversed().map(({ error }) => error);
      expect(errors.slice(0, 5)).to.deep.equal(['42', '[object Object]', 'undefined', 'object', 'undefined']);
    });

    it('runs on after it has failed a hundred times', async () => {
      let runs = 0;
      const work = (): void => {
        runs += 1;
        if (runs <= 100) throw new Error(`failure ${runs}`);
      };
      await using backend = await startTasks([[task({ manual: true }), work]]);
      const where = { pluginId: 'worker' };

      for (let run = 1; run <= 100; run++) expect((await backend.runTask('work', where)).outcome).to.equal('failed');

      expect((await backend.runTask('work', where)).outcome).to.equal('completed');
      expect(await backend.scheduler.getHistory('work')).to.have.length(50);
    });

    it('is measured, on the account of its plugin', async () => {
      const metrics = mockServices.metrics();
      const accounts: unknown[] = [];
      const overrides = [override(MetricsService).withValue(metrics)];
      const work = (): void => void accounts.push(currentAccount()?.pluginId);
      await using backend = await startTasks([[task({ manual: true }), work]], { overrides });

      await backend.runTask('work', { pluginId: 'worker' });

      expect(accounts).to.deep.equal(['worker']);
      const attributes = { task: 'work', scope, outcome: 'completed' };
      expect(metrics.measurements).to.deep.include({ name: 'backplane.task.runs', value: 1, attributes });
      expect(metrics.measurements.map(({ name }) => name)).to.include('backplane.task.duration');
    });

    it('hurts no other', async () => {
      let runs = 0;
      let end: () => void = () => {};
      const options = { every: '10s' } as const;
      await using backend = await startTasks([
        [
          task({ ...options, id: 'throws' }),
          () => {
            throw new Error('no');
          },
        ],
        [task({ ...options, id: 'rejects' }), () => Promise.reject(new Error('no'))],
        [task({ ...options, id: 'hangs' }), () => new Promise<void>(resolve => (end = resolve))],
        [task({ ...options, id: 'counts' }), () => void runs++],
      ]);

      await backend.clock.advance('31s');

      end();
      expect(runs).to.equal(4);
    });

    it('is told to end when its plugin stops, before that ends', async () => {
      const steps: string[] = [];
      const work = async (signal: AbortSignal): Promise<void> => {
        await patient(signal);
        steps.push('task ended');
      };
      const backend = await startTasks([[task({ manual: true }), work]]);
      await backend.scheduler.triggerTask('work');
      await backend.clock.settle();

      await backend.stop();

      expect(steps).to.deep.equal(['task ended']);
    });
  });
}

describe('a global task', () => {
  it('has a number that only grows', async () => {
    const fences: number[] = [];
    await using backend = await startTasks([[{ id: 'work', every: '1s' }, (_, { fence }) => void fences.push(fence)]]);

    await backend.clock.advance('4500ms');

    expect(fences).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('writes while it has its lease, and not when that has ended', async () => {
    const codes: unknown[] = [];
    const work = async (signal: AbortSignal, run: TaskRun): Promise<void> => {
      codes.push(await run.write(async manager => (await manager.query('SELECT 7 AS n')) as unknown));
      await patient(signal);
      codes.push(await run.write(async () => 'written').catch((error: { code?: unknown }) => error.code));
    };
    await using backend = await startTasks([[{ id: 'work', manual: true, timeout: '1s' }, work]]);

    await backend.scheduler.triggerTask('work');
    // Opening the database may take longer than the clock waits.
    await until('the first write', () => codes.length === 1);
    await backend.clock.advance('2s');
    await until('the second', () => codes.length === 2);

    expect(codes).to.deep.equal([[{ n: 7 }], 'LEASE_LOST']);
  });
});

describe('a local task', () => {
  it('has no lease that its writes could hold', async () => {
    let code: unknown;
    const work = async (_: AbortSignal, run: TaskRun): Promise<void> => {
      code = await run.write(async () => {}).catch((error: { code?: unknown }) => error.code);
    };
    await using backend = await startTasks([[{ id: 'work', manual: true, scope: 'local' }, work]]);

    await backend.runTask('work', { pluginId: 'worker' });

    expect(code).to.equal('TASK_WITHOUT_LEASE');
  });
});

describe('tasks in real time', () => {
  it('begin only once their plugin is ready', async () => {
    const steps: string[] = [];
    @Plugin({ pluginId: 'slow' })
    class SlowPlugin {
      constructor(@Inject(LifecycleService) lifecycle: LifecycleService) {
        lifecycle.addStartupHook(async () => {
          await sleep(300);
          steps.push('started');
        });
      }

      async init(): Promise<void> {
        await sleep(100);
        steps.push('initialised');
      }

      @Scheduled({ id: 'global', every: '1h' })
      global(): void {
        steps.push('task');
      }

      @Scheduled({ id: 'local', every: '1h', scope: 'local' })
      local(): void {
        steps.push('task');
      }
    }
    const config = { backend: { logger: { level: 'silent' } } };

    await using backend = await TestBackend.start({ features: [SlowPlugin], config, realTime: true });
    await until('the tasks', () => steps.length === 4);

    expect(steps).to.deep.equal(['initialised', 'started', 'task', 'task']);
    expect(backend.result.plugins).to.have.length(1);
  });

  it('that fail leave the backend as it is', async () => {
    let runs = 0;
    const failing = async (): Promise<void> => {
      runs += 1;
      throw new Error('no luck');
    };
    await using backend = await startTasks(
      [
        [{ id: 'one', every: 100 }, failing],
        [{ id: 'two', every: 100, scope: 'local' }, failing],
      ],
      { realTime: true },
    );

    await until('some failures', () => runs >= 4);

    const headers = { authorization: mockCredentials.user.header() };
    const { status } = await backend.request.get('/api/worker/.backplane/scheduler/v1/tasks', { headers });
    expect(status).to.equal(200);
  });
});
