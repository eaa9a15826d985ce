import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { Inject, Service } from '../../decorators/index.js';
import { DatabaseService } from '../../lib/api/database-service.js';
import type { TaskOptions } from '../../lib/api/scheduler-service.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { pluginWithTasks, type Tasks } from '../services/scheduler/scheduler-fixture.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

const count = 200;
/** How many queries all instances have sent. */
const sent = { queries: 0 };

@Service({ wraps: DatabaseService })
class CountingDatabase extends DatabaseService {
  #counted: Promise<DataSource> | undefined;

  constructor(@Inject(DatabaseService) private readonly inner: DatabaseService) {
    super();
  }

  override getDataSource(): Promise<DataSource> {
    return (this.#counted ??= this.inner.getDataSource().then(dataSource => {
      const create = dataSource.createQueryRunner.bind(dataSource);
      const counting = (...args: Parameters<typeof create>): QueryRunner => {
        const runner = create(...args);
        const query = runner.query.bind(runner) as (...given: unknown[]) => Promise<unknown>;
        return Object.assign(runner, {
          query: (...given: unknown[]) => {
            sent.queries += 1;
            return query(...given);
          },
        });
      };
      return Object.assign(dataSource, { createQueryRunner: counting });
    }));
  }
}

describe('two hundred tasks on two instances', () => {
  uses('postgres');

  async function twoInstances(tasks: Tasks, place: PostgresPlace): Promise<TestBackend[]> {
    const config = { backend: { database: place.schemas, logger: { level: 'silent' } } };
    const features = [pluginWithTasks('worker', ...tasks), CountingDatabase];
    const start = (): Promise<TestBackend> => TestBackend.start({ features, config, realTime: true });
    return Promise.all([start(), start()]);
  }

  const tasksOf = (options: { every: string }, work: (index: number) => void): Tasks =>
    Array.from({ length: count }, (_, index) => [
      { id: `task-${index}`, ...options } satisfies TaskOptions,
      () => work(index),
    ]);

  it('ask the database fifty times in a second at most while none is due', async function () {
    this.timeout(60_000);
    await using place = await PostgresPlace.create();
    let runs = 0;
    const backends = await twoInstances(
      tasksOf({ every: '1h' }, () => void runs++),
      place,
    );
    await until('the first runs', () => runs === count);
    await sleep(2_000);

    const before = sent.queries;
    await sleep(5_000);
    const perSecond = (sent.queries - before) / 5;

    await Promise.all(backends.map(backend => backend.stop()));
    expect(perSecond).to.be.within(0.5, 50);
  });

  it('run each second, and not once more', async function () {
    this.timeout(60_000);
    await using place = await PostgresPlace.create();
    const runs = Array.from({ length: count }, () => 0);
    const backends = await twoInstances(
      tasksOf({ every: '1s' }, index => void runs[index]!++),
      place,
    );
    await until('the first runs', () => runs.every(times => times > 0));

    const [begin, before, queries] = [performance.now(), [...runs], sent.queries];
    await sleep(10_000);
    const seconds = (performance.now() - begin) / 1_000;
    const rates = runs.map((times, index) => (times - before[index]!) / seconds);
    const perSecond = (sent.queries - queries) / seconds;

    await Promise.all(backends.map(backend => backend.stop()));
    expect(Math.min(...rates)).to.be.at.least(0.8);
    expect(Math.max(...rates)).to.be.at.most(1.15);
    // They are begun and ended together: far fewer queries than runs.
    expect(perSecond).to.be.below(count / 2);
  });
});
