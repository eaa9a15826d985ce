import type { DataSource, DataSourceOptions, EntityManager, QueryRunner } from 'typeorm';
import { type ConnectionFaults, noFaults } from './connection-faults.js';
import { serialRunnerOf, type RunnerClass, type SerialRunner } from './serial-query-runner.js';
import { type CurrentScope, type ScopeLimits, TransactionScope } from './transaction-scope.js';

type Typeorm = typeof import('typeorm');
type Work<T> = (manager: EntityManager) => Promise<T>;

export interface SerialOptions {
  readonly current: CurrentScope;
  readonly limits: ScopeLimits;
  readonly faults?: ConnectionFaults;
}

/** A data source of a driver that has one connection, whose transactions run one after the other. */
export function serialDataSource(
  typeorm: Typeorm,
  options: DataSourceOptions,
  { current, limits, faults = noFaults }: SerialOptions,
): DataSource {
  class SerialDataSource extends typeorm.DataSource {
    override createEntityManager(runner?: Parameters<DataSource['createEntityManager']>[0]): EntityManager {
      const manager = super.createEntityManager(runner);
      // As TypeORM has it: the level of isolation, where there is one, comes first.
      const transaction = <T>(first: unknown, second?: Work<T>): Promise<T> =>
        runTransaction(manager, current, second ?? (first as Work<T>));
      return Object.assign(manager, { transaction });
    }
  }
  const dataSource = new SerialDataSource(options);
  const { driver } = dataSource;
  const Runner = driver.createQueryRunner('master').constructor as unknown as RunnerClass;
  const Serial = serialRunnerOf(Runner, TransactionScope.connection(limits), current, faults);
  driver.createQueryRunner = () => new Serial(driver) as unknown as QueryRunner;
  return dataSource;
}

/** What TypeORM does, but it undoes nothing that it has not begun, and the function is known to be part of it. */
async function runTransaction<T>(manager: EntityManager, current: CurrentScope, work: Work<T>): Promise<T> {
  const runner = (manager.queryRunner ?? manager.dataSource.createQueryRunner()) as unknown as SerialRunner;
  try {
    const scope = await runner.begin('function');
    try {
      const result = await current.run(scope, () => work(runner.manager));
      await runner.commit(scope);
      return result;
    } catch (error) {
      // What failed first says more.
      await runner.rollback(scope).catch(() => {});
      throw error;
    }
  } finally {
    if (!manager.queryRunner) await runner.release();
  }
}
