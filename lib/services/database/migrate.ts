import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { OwnedTables } from '../../api/declared-tables.js';
import { migrationFailed, unknownMigration } from './database-errors.js';
import { type AppliedMigration, MigrationHistory } from './migration-history.js';
import type { OpenDatabase } from './open-database.js';

interface Migration extends AppliedMigration {
  readonly title: string;
  readonly instance: MigrationInterface;
}

/** Told of migrations of modules that are not installed, which are left alone. */
type OnAbsent = (owner: string, names: readonly string[]) => void;

/**
 * Brings a database to where the plugin and its modules expect it, each migration in a transaction of its own: once,
 * however many instances begin at the same time.
 *
 * Rejects with `MIGRATION_FAILED`, or before anything is changed with `UNKNOWN_MIGRATION`.
 */
export async function migrate(
  { dataSource, exclusively, commitsTables = false }: OpenDatabase,
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
      if (applied.some(({ owner, name }) => owner === migration.owner && name === migration.name)) continue;
      try {
        await apply(migration, runner, history);
      } catch (error) {
        const isUndone = !commitsTables && migration.instance.transaction !== false;
        throw migrationFailed(pluginId, { ...migration, isUndone }, error);
      }
    }
  });
}

async function apply(migration: Migration, runner: QueryRunner, history: MigrationHistory): Promise<void> {
  const { instance } = migration;
  await runner.beforeMigration();
  try {
    if (instance.transaction === false) {
      await instance.up(runner);
      await history.add(migration);
      return;
    }
    await runner.manager.transaction(async () => {
      // Another process may have been first.
      if (await history.has(migration)) return;
      await instance.up(runner);
      await history.add(migration);
    });
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
