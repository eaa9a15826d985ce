import { expect } from 'chai';
import { LoggerService } from '../../lib/api/logger-service.js';
import type { TaskRun } from '../../lib/api/scheduler-service.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { override } from '../../lib/testing/override.js';
import { startTasks } from '../services/scheduler/scheduler-fixture.js';
import { FaultProxy } from './harness/fault-proxy.js';
import { Instances } from './harness/instances.js';
import { PostgresCluster } from './harness/postgres-cluster.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('a global task whose database goes and comes back', () => {
  uses('postgres');

  for (const mode of ['blackhole', 'reset'] as const) {
    it(`is told to end when its lease has, and goes on with another number: ${mode}`, async function () {
      this.timeout(60_000);
      await using place = await PostgresPlace.create();
      await using proxy = await FaultProxy.before(new URL(place.url));
      const runs: { fence: number; signal: AbortSignal; reason?: string }[] = [];
      const work = async (signal: AbortSignal, { fence }: TaskRun): Promise<void> => {
        const run: (typeof runs)[number] = { fence, signal };
        runs.push(run);
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
        run.reason = String(signal.reason);
      };
      const database = { ...place.schemas, connection: proxy.url, queryTimeout: '1s', connectTimeout: '1s' };
      const logger = mockServices.logger();
      await using _backend = await startTasks([[{ id: 'work', every: '1h' }, work]], {
        backend: { database, scheduler: { lease: '2s', poll: 200 } },
        overrides: [override(LoggerService).withValue(logger)],
        realTime: true,
      });
      await until('the run', () => runs.length === 1);

      await proxy.set(mode);
      await until('its end', () => runs[0]!.reason !== undefined);
      await proxy.set('pass');
      await until('another run', () => runs.length === 2);

      expect(runs[0]!.reason).to.contain('its lease has ended');
      expect(runs.map(({ fence }) => fence)).to.deep.equal([1, 2]);
      // What a second try gets over is not worth a word.
      if (mode === 'blackhole') return;
      const said = (): string[] =>
        logger.entries.map(({ message }) => message).filter(message => message.startsWith('Global tasks'));
      await until('the word that all is well', () => said().length > 1);
      expect(said()).to.deep.equal([
        'Global tasks wait: the database cannot be asked',
        'Global tasks go on: the database answers again',
      ]);
    });
  }
});

describe('global tasks whose PostgreSQL is ended and started again', () => {
  before(function () {
    if (!PostgresCluster.isInstalled) this.skip();
  });

  it('are told to end when their leases have, and go on by themselves, one at a time', async function () {
    this.timeout(60_000);
    await using cluster = await PostgresCluster.start();
    const database = { client: 'pg', pluginDivisionMode: 'schema', connection: cluster.url };
    await using instances = new Instances(database);
    const { log } = instances;
    await Promise.all([instances.add(), instances.add()]);

    for (const how of ['immediate', 'fast'] as const) {
      const { child, fence } = await log.holder();
      await cluster.stop(how);
      await child.line(({ message, fields }) => message === 'ABORT' && fields['fence'] === fence);
      await cluster.resume();
      await log.start(run => run.fence > fence);
    }

    expect(log.overlaps()).to.deep.equal([]);
    expect(log.fences()).to.deep.equal([1, 2, 3]);
  });
});
