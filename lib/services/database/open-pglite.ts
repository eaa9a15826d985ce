import { resolve } from 'node:path';
import { BackplaneError } from '../../errors/backplane-error.js';
import { databaseBusy, unreachable } from './database-errors.js';
import type { SettingsOf } from './database-settings.js';
import { loadTypeorm } from './load-typeorm.js';
import type { OpenDatabase, OpenRequest } from './open-database.js';
import { roleName } from './own-role.js';
import type { PgliteHosts, PgliteLease } from './pglite-hosts.js';
import { openDataSource } from './postgres-data-source.js';
import { administer, type Borrower, quoted } from './postgres-pools.js';
import { ensureRole } from './postgres-role.js';
import type { UnhurriedRunner } from './postgres-query-runner.js';

interface Surroundings {
  readonly hosts: PgliteHosts;
  readonly borrowers: WeakMap<object, Borrower>;
  /** Where a relative folder begins. */
  readonly root: string;
}

/** Opens the plugin's schema in the PGlite that all share, which nobody but a role of the plugin may use. */
export async function openPglite(
  request: OpenRequest,
  { prefix, queryTimeout, idleTransactionTimeout, ...settings }: SettingsOf<'pglite'>,
  { hosts, borrowers, root }: Surroundings,
): Promise<OpenDatabase> {
  const { pluginId } = request;
  const typeorm = await loadTypeorm(pluginId);
  const directory = settings.directory === undefined ? undefined : resolve(root, settings.directory);
  const server = directory ?? 'PGlite in memory';
  const schema = `${prefix}${pluginId}`;
  const role = roleName(schema, 63);
  const away = (cause: unknown): Error =>
    isTooLate(cause) ? databaseBusy(queryTimeout) : unreachable(pluginId, server, cause);
  let lease: PgliteLease | undefined;
  try {
    lease = await hosts.lease(pluginId, directory, { patience: queryTimeout, idle: idleTransactionTimeout });
    const { pool, end } = lease;
    // A limit that PGlite itself notices would hang the process.
    const limits = { queryTimeout: 0, idleTransactionTimeout: 0, away };
    await administer(pool, borrowers, limits, async maker => {
      await ensureRole(maker, { role, queryTimeout });
      const text = `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)} AUTHORIZATION ${quoted(role)}`;
      await maker.query({ text, query_timeout: queryTimeout });
    });
    const borrower = { ...limits, schema, role };
    const dataSource = await openDataSource(typeorm, request, { pool, borrowers, borrower, server, queryTimeout });
    return {
      dataSource,
      isInMemory: directory === undefined,
      // Nobody else has it, and who has the connection must not wait for another one.
      exclusively: work =>
        pool.inTurn(async () => {
          const runner = dataSource.createQueryRunner() as UnhurriedRunner;
          // A migration may take its time.
          runner.takeTime();
          await work(runner).finally(() => runner.release());
        }),
      close: async () => {
        await dataSource.destroy();
        await end();
      },
    };
  } catch (error) {
    await lease?.end();
    throw BackplaneError.is(error) ? error : away(error);
  }
}

/** What the pool says where the connection was not free in time. */
function isTooLate(cause: unknown): boolean {
  return cause instanceof Error && cause.message.startsWith('timeout exceeded');
}
