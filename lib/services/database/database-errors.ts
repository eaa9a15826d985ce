import { BackplaneError } from '../../errors/backplane-error.js';
import { MissingRight } from './missing-right.js';

export function databaseBusy(waited: number): BackplaneError {
  return new BackplaneError({
    code: 'DATABASE_BUSY',
    message: `The database did not become free in ${waited} ms: a transaction is open on its only connection`,
    path: [],
    fix: 'end every transaction soon, and work within it with its own manager or query runner.',
  });
}

/** Another process has locked the database all the time. */
export function databaseLocked(pluginId: string, waited: number, cause: unknown): BackplaneError {
  return new BackplaneError({
    code: 'DATABASE_BUSY',
    message: `The database of plugin '${pluginId}' did not become free in ${waited} ms: another process has locked it`,
    path: inPlugin(pluginId),
    fix: 'look for who has the file open, such as a backup or a shell, and for transactions that take long.',
    cause,
  });
}

export function databaseFull(pluginId: string, place: string, cause: unknown): BackplaneError {
  return new BackplaneError({
    code: 'DATABASE_FULL',
    message: `The database of plugin '${pluginId}' (${place}) has no space left`,
    path: inPlugin(pluginId),
    fix: 'make room; what is stored can be read meanwhile, and writing goes on by itself afterwards.',
    cause,
  });
}

export function queryTooSlow(pluginId: string, cause: unknown): BackplaneError {
  return new BackplaneError({
    code: 'DATABASE_TIMEOUT',
    message: `A query of plugin '${pluginId}' took too long and was given up`,
    path: inPlugin(pluginId),
    fix: `make it faster, or raise 'backend.database.queryTimeout'.`,
    cause,
  });
}

/** The database, not the code that began it, has ended a transaction. */
export function transactionLost(cause: unknown): BackplaneError {
  return new BackplaneError({
    code: 'TRANSACTION_LOST',
    message: 'The database has undone the transaction, of which nothing is left',
    path: [],
    fix: 'see to the error below; end a transaction when a statement of it fails, and begin another one.',
    cause,
  });
}

export function rawTransaction(sql: string): BackplaneError {
  return new BackplaneError({
    code: 'RAW_TRANSACTION',
    message: `'${sql.trim().slice(0, 40)}' would begin or end a transaction for everybody who shares the connection`,
    path: [],
    fix: 'use dataSource.transaction(), or startTransaction() of a query runner.',
  });
}

const inPlugin = (pluginId: string): string[] => [`in plugin '${pluginId}'`];

/** `packages`: any of which is enough, or all of which are needed by name. */
export function missingPackage(pluginId: string, what: string, packages: readonly string[]): BackplaneError {
  return new BackplaneError({
    code: 'MISSING_DATABASE_PACKAGE',
    message: `Plugin '${pluginId}' asks for its database, but nothing is installed that speaks to ${what}`,
    path: inPlugin(pluginId),
    fix: `npm install ${packages.join(', or npm install ')}`,
  });
}

export function unreachable(pluginId: string, server: string, failure: unknown): BackplaneError {
  const isRefused = failure instanceof MissingRight;
  return new BackplaneError({
    code: 'DATABASE_UNREACHABLE',
    message: `The database of plugin '${pluginId}' (${server}) cannot be used`,
    path: inPlugin(pluginId),
    fix: isRefused ? failure.fix : `see to the error below, or to 'backend.database'.`,
    cause: isRefused ? failure.cause : failure,
  });
}

export function directoryInUse(pluginId: string, file: string, pid: number): BackplaneError {
  return new BackplaneError({
    code: 'DATABASE_IN_USE',
    message: `The folder of the database of plugin '${pluginId}' is in use by another backend (process ${pid})`,
    path: inPlugin(pluginId),
    fix: `end that one, or name another folder; where process ${pid} is no backend, remove '${file}'.`,
  });
}

export function databaseClosed(pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'DATABASE_CLOSED',
    message: `The database of plugin '${pluginId}' is closed: the plugin has stopped`,
    path: inPlugin(pluginId),
    fix: 'end what needs the database in shutdown(), or before.',
  });
}

export function migrationFailed(
  pluginId: string,
  { title, name, isUndone }: { readonly title: string; readonly name: string; readonly isUndone: boolean },
  cause: unknown,
): BackplaneError {
  return new BackplaneError({
    code: 'MIGRATION_FAILED',
    message: `Migration '${name}' of ${title} failed${isUndone ? ' and was undone' : ', and what it did to tables before was not undone'}`,
    path: [...inPlugin(pluginId), `-> migration ${name}`],
    fix: 'fix the error below; the migrations before it are done, and are not done again.',
    cause,
  });
}

export function migrationInterrupted(pluginId: string, owner: string, name: string): BackplaneError {
  return new BackplaneError({
    code: 'MIGRATION_INTERRUPTED',
    message: `Migration '${name}' of ${owner} was begun and has not come to its end, and what it did cannot be undone by itself`,
    path: [...inPlugin(pluginId), `-> migration ${name}`],
    fix: `see how far it has come, undo that or complete it, and delete the row '${name}' from backplane_migrations to have it run, or give it a time as applied_at to have it count as done.`,
  });
}

export function databaseShared(pluginId: string, other: string, place: string): BackplaneError {
  return new BackplaneError({
    code: 'DATABASE_SHARED',
    message: `Plugins '${other}' and '${pluginId}' would have the same database (${place}), and the same tables`,
    path: inPlugin(pluginId),
    fix: `give each a name of its own at 'backend.database.plugin.${pluginId}.connection.database', or none.`,
  });
}

export function unknownMigration(pluginId: string, owner: string, names: readonly string[]): BackplaneError {
  const list = names.map(name => `'${name}'`).join(', ');
  return new BackplaneError({
    code: 'UNKNOWN_MIGRATION',
    message: `The database has had migrations that ${owner} does not have: ${list}`,
    path: inPlugin(pluginId),
    fix: 'start the version that has them, or restore the database; a migration that was applied keeps its name.',
  });
}

export function foreignTable(pluginId: string, moduleId: string, table: string, what: string): BackplaneError {
  return new BackplaneError({
    code: 'FOREIGN_TABLE',
    message: `Table '${table}' of module '${moduleId}' ${what}`,
    path: [...inPlugin(pluginId), `-> module '${moduleId}'`],
    fix: `give it a name such as '${moduleId.replaceAll('-', '_')}_items', and keep ids of rows of others in plain columns.`,
  });
}
