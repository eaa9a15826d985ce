import type { DataSource } from 'typeorm';
import { type Dialect, dialectOf, raw, run, sql, type Statement } from './sql-statement.js';

/** In the plugin's database; of several plugins, where somebody has put them into one. */
const tables: Readonly<Record<string, string>> = {
  backplane_tasks: `plugin_id varchar(128) NOT NULL, task_id varchar(128) NOT NULL, schedule varchar(1000) NOT NULL,
    next_run bigint, triggered_at bigint, holder varchar(64), fence bigint NOT NULL, due_at bigint, started_at bigint,
    lease_until bigint, cancelled smallint NOT NULL, failures integer NOT NULL, PRIMARY KEY (plugin_id, task_id)`,
  backplane_task_runs: `plugin_id varchar(128) NOT NULL, task_id varchar(128) NOT NULL, fence bigint NOT NULL,
    started_at bigint NOT NULL, ended_at bigint NOT NULL, outcome varchar(16) NOT NULL, error varchar(2000),
    PRIMARY KEY (plugin_id, task_id, fence)`,
};

/** How often one tries while others make the same tables. */
const attempts = 5;

/** Makes the tables, unless they are there; others may do so at the same time. */
export async function makeTables(dataSource: DataSource): Promise<void> {
  const options = dialectOf(dataSource) === 'mysql' ? ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' : '';
  for (const [name, columns] of Object.entries(tables)) {
    const create = raw(`CREATE TABLE IF NOT EXISTS ${name} (${columns.replaceAll(/\s+/g, ' ')})${options}`);
    for (let attempt = 1; !(await isThere(dataSource, name)); attempt++) {
      try {
        await run(dataSource, create);
      } catch (error) {
        // PostgreSQL tells whoever comes second that the name is taken, whatever is said of it being so.
        if (attempt === attempts) throw error;
      }
    }
  }
}

/** Looks without the right to make tables, which the database may refuse. */
async function isThere(dataSource: DataSource, table: string): Promise<boolean> {
  try {
    await run(dataSource, sql`SELECT 1 FROM ${raw(table)} WHERE 1 = 0`);
    return true;
  } catch {
    return false;
  }
}

/** The time of the database, in whole ms since 1970; the time zone of a session has no part in it. */
export const nowIn: Readonly<Record<Dialect, Statement>> = {
  postgres: raw('CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)'),
  mysql: raw(`(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000)`),
  sqlite: raw(`CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)`),
};
