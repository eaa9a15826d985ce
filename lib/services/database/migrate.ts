import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { OwnedTables } from '../../api/declared-tables.js';
import { pause } from '../../util/pause.js';
import { migrationFailed, migrationInterrupted, unknownMigration } from './database-errors.js';
import { type AppliedMigration, type KnownMigration, MigrationHistory } from './migration-history.js';
import type { OpenDatabase } from './open-database.js';

interface Migration extends KnownMigration {
  readonly title: string;
  readonly instance: MigrationInterface;
}

/** How long an instance waits before it asks again whether another one has done, in ms. */
const interval = 100;

/** Told of migrations of modules that are not installed, which are left alone. */
type OnAbsent = (owner: string, names: readonly string[]) => void;

/**
 * Brings a database to where the plugin and its modules expect it, each migration in a transaction of its own: once,
 * however many instances begin at the same time.
 *
 * Rejects with `MIGRATION_FAILED`, or before anything is changed with `UNKNOWN_MIGRATION` or `MIGRATION_INTERRUPTED`.
 */
export async function migrate(
  { dataSource, exclusively, commitsTables = false, turn = 0 }: OpenDatabase,
  pluginId: string,
  owners: readonly OwnedTables[],
  onAbsent: OnAbsent,
): Promise<void> {
  const migrations = owners.flatMap(migrationsOf);
  await exclusively(async runner => {
    const history = new MigrationHistory(dataSource, runner);
    await history.prepare();
    const applied = await history.applied();
    checkApplied(pluginId, owners, { applied, migrations }, onAbsent);
    for (const migration of migrations) {
      if (applied.some(row => row.owner === migration.owner && row.name === migration.name && !row.isBegun)) continue;
      const isUndone = !commitsTables && migration.instance.transaction !== false;
      try {
        await (isUndone ? apply(migration, runner, history) : applyMarked(migration, runner, history, turn));
      } catch (error) {
        if (error instanceof Interrupted) throw migrationInterrupted(pluginId, migration.title, migration.name);
        throw migrationFailed(pluginId, { ...migration, isUndone }, error);
      }
    }
  });
}

/** Somebody has begun it, and not come to its end. */
class Interrupted extends Error {}

async function apply(migration: Migration, runner: QueryRunner, history: MigrationHistory): Promise<void> {
  await prepared(runner, () =>
    runner.manager.transaction(async () => {
      // Another process may have been first.
      const state = await history.stateOf(migration);
      if (state === 'begun') throw new Interrupted();
      if (state === 'applied') return;
      await migration.instance.up(runner);
      await history.add(migration);
    }),
  );
}

/**
 * What cannot be undone is marked before it begins: where its process is killed, nobody can tell how far it has come.
 * Others wait as long as `patience`, in ms, for who has begun it.
 */
async function applyMarked(
  migration: Migration,
  runner: QueryRunner,
  history: MigrationHistory,
  patience: number,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await history.begin(migration))) {
    if ((await history.stateOf(migration)) === 'applied') return;
    if (performance.now() >= deadline) throw new Interrupted();
    await pause(interval);
  }
  const { instance } = migration;
  try {
    const up = () => instance.up(runner);
    await prepared(runner, () => (instance.transaction === false ? up() : runner.manager.transaction(up)));
  } catch (error) {
    // Whoever has written it learns why, and may have it once more.
    await history.forget(migration).catch(() => {});
    throw error;
  }
  await history.finish(migration);
}

async function prepared(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await runner.beforeMigration();
  try {
    await work();
  } finally {
    await runner.afterMigration();
  }
}

function checkApplied(
  pluginId: string,
  owners: readonly OwnedTables[],
  { applied, migrations }: { applied: readonly AppliedMigration[]; migrations: readonly Migration[] },
  onAbsent: OnAbsent,
): void {
  const known = new Map(owners.map(owner => [ownerOf(owner), titleOf(owner)]));
  for (const owner of new Set(applied.map(row => row.owner))) {
    const names = applied.filter(row => row.owner === owner).map(({ name }) => name);
    const title = known.get(owner);
    if (title === undefined) {
      onAbsent(owner.replace(/^module:/, ''), names);
      continue;
    }
    const unknown = names.filter(name => !migrations.some(own => own.owner === owner && own.name === name));
    if (unknown.length > 0) throw unknownMigration(pluginId, title, unknown);
  }
}

function migrationsOf(owned: OwnedTables): Migration[] {
  const common = { owner: ownerOf(owned), title: titleOf(owned) };
  return owned.migrations.map(target => {
    const instance = new target() as MigrationInterface;
    return { ...common, name: instance.name ?? target.name, instance };
  });
}

function ownerOf({ moduleId }: OwnedTables): string {
  return moduleId === undefined ? 'plugin' : `module:${moduleId}`;
}

function titleOf({ moduleId }: OwnedTables): string {
  return moduleId === undefined ? 'the plugin' : `module '${moduleId}'`;
}
