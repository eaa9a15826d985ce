import type { DataSource, EntityManager } from 'typeorm';
import type { SoundTask } from './sound-task.js';
import { keptRunOf, numberOf, rowOf } from './task-rows.js';
import { type Answer, type Dialect, dialectOf, joined, raw, run, sql, type Statement } from './sql-statement.js';
import { endOf } from './end-statement.js';
import { inPlainLetters } from './failures.js';
import { makeTables, nowIn } from './task-tables.js';
import type { EndedRun, HeldRun, KeptRun, Look, TaskRow, TaskStore } from './task-store.js';

interface Options {
  readonly pluginId: string;
  readonly lease: number;
  readonly history: number;
  readonly dataSource: () => Promise<DataSource>;
}

/** So many rows in a statement, which has a limited number of parameters. */
const batch = 100;
const isUnheld = sql`holder IS NULL`;

/** The tasks of a plugin in its database, by the clock of that. */
export class SqlTaskStore implements TaskStore {
  readonly #options: Options;
  readonly #pluginId: string;

  constructor(options: Options) {
    this.#options = options;
    this.#pluginId = options.pluginId;
  }

  async prepare(): Promise<void> {
    await makeTables(await this.#options.dataSource());
  }

  async register(tasks: readonly SoundTask[]): Promise<void> {
    const { now, known } = await this.#known();
    const fresh = tasks.filter(({ id }) => !known.has(id));
    for (let at = 0; at < fresh.length; at += batch) await this.#insert(fresh.slice(at, at + batch), now);
    for (const task of tasks) {
      const row = known.get(task.id);
      if (!row || row.schedule === task.schedule) continue;
      const next = task.next(now, now);
      // Who has waited for long already does not wait anew because the interval has changed.
      const nextRun = task.frequency.every !== undefined ? Math.min(next!, row.nextRun ?? Infinity) : next;
      await this.#run(
        sql`UPDATE backplane_tasks SET schedule = ${task.schedule}, next_run = ${nextRun} WHERE ${this.#isTask(task.id)} AND schedule = ${row.schedule}`,
      );
    }
  }

  async look(): Promise<Look> {
    const { rows } = await this.#run(
      dialect =>
        sql`SELECT ${nowIn[dialect]} AS now, t.* FROM (SELECT 1 AS one) AS one LEFT JOIN backplane_tasks t ON t.plugin_id = ${this.#pluginId}`,
    );
    return { now: Number(rows[0]!['now']), rows: rows.filter(row => row['task_id'] !== null).map(rowOf) };
  }

  async claim(ids: readonly string[], holder: string): Promise<void> {
    await this.#run(dialect => {
      const now = nowIn[dialect];
      const isMeant = sql`plugin_id = ${this.#pluginId} AND task_id IN (${ids}) AND (${isUnheld} OR lease_until <= ${now}) AND (holder IS NOT NULL OR triggered_at IS NOT NULL OR next_run <= ${now})`;
      const found = sql`SELECT task_id FROM backplane_tasks WHERE ${isMeant} FOR UPDATE SKIP LOCKED`;
      const isFound = {
        sqlite: isMeant,
        postgres: sql`plugin_id = ${this.#pluginId} AND task_id IN (${found})`,
        // MySQL reads the table that it changes only in a table of its own.
        mysql: sql`plugin_id = ${this.#pluginId} AND task_id IN (SELECT task_id FROM (${found}) AS found)`,
      }[dialect];
      // In this order: MySQL takes what it has set already.
      return sql`UPDATE backplane_tasks SET due_at = CASE WHEN holder IS NOT NULL THEN due_at WHEN next_run <= ${now} THEN next_run ELSE triggered_at END, fence = fence + 1, started_at = ${now}, lease_until = ${now} + ${raw(String(this.#options.lease))}, triggered_at = NULL, cancelled = 0, holder = ${holder} WHERE ${isFound}`;
    });
  }

  async skip(tasks: Parameters<TaskStore['skip']>[0]): Promise<void> {
    for (const { id, nextRun, instead } of tasks) {
      await this.#run(
        sql`UPDATE backplane_tasks SET next_run = ${instead} WHERE ${this.#isTask(id)} AND next_run = ${nextRun} AND ${isUnheld}`,
      );
    }
  }

  async renew(ids: readonly string[], holder: string): Promise<void> {
    await this.#run(
      dialect =>
        sql`UPDATE backplane_tasks SET lease_until = ${this.#leaseFromNow(dialect)} WHERE plugin_id = ${this.#pluginId} AND holder = ${holder} AND task_id IN (${ids})`,
    );
  }

  async end(runs: readonly EndedRun[], holder: string): Promise<void> {
    for (let at = 0; at < runs.length; at += batch) await this.#end(runs.slice(at, at + batch), holder);
  }

  async noteLost(rows: readonly TaskRow[]): Promise<void> {
    await this.#keep(() =>
      rows.map(({ id, fence, startedAt, leaseUntil }) => {
        return sql`(${this.#pluginId}, ${id}, ${fence}, ${startedAt ?? 0}, ${leaseUntil ?? 0}, 'lease-lost', NULL)`;
      }),
    );
  }

  async trigger(id: string): Promise<boolean> {
    const { affected } = await this.#run(dialect => {
      const now = nowIn[dialect];
      return sql`UPDATE backplane_tasks SET triggered_at = COALESCE(triggered_at, ${now}) WHERE ${this.#isTask(id)} AND (${isUnheld} OR lease_until <= ${now})`;
    });
    return affected > 0;
  }

  async cancel(id: string): Promise<boolean> {
    const { affected } = await this.#run(
      dialect =>
        sql`UPDATE backplane_tasks SET cancelled = 1 WHERE ${this.#isTask(id)} AND holder IS NOT NULL AND lease_until > ${nowIn[dialect]}`,
    );
    return affected > 0;
  }

  async history(id: string): Promise<readonly KeptRun[]> {
    const { rows } = await this.#run(
      sql`SELECT * FROM backplane_task_runs WHERE ${this.#isTask(id)} ORDER BY fence DESC LIMIT ${raw(String(this.#options.history))}`,
    );
    return rows.map(keptRunOf);
  }

  async lastRuns(): Promise<readonly KeptRun[]> {
    const { rows } = await this.#run(
      sql`SELECT r.* FROM backplane_task_runs r JOIN (SELECT task_id, MAX(fence) AS fence FROM backplane_task_runs WHERE plugin_id = ${this.#pluginId} GROUP BY task_id) l ON l.task_id = r.task_id AND l.fence = r.fence WHERE r.plugin_id = ${this.#pluginId}`,
    );
    return rows.map(keptRunOf);
  }

  async write<T>(
    { id, fence, holder, onHeld }: HeldRun,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<{ readonly result: T } | undefined> {
    const dataSource = await this.#options.dataSource();
    const dialect = dialectOf(dataSource);
    // The row stays locked until the end: whoever takes over does so after what is written here.
    const hold = sql`UPDATE backplane_tasks SET lease_until = ${this.#leaseFromNow(dialect)} WHERE ${this.#isTask(id)} AND fence = ${fence} AND holder = ${holder} AND lease_until > ${nowIn[dialect]}`;
    return dataSource.transaction(async manager => {
      const { affected } = await run(dataSource, hold, manager.queryRunner);
      if (affected === 0) return undefined;
      onHeld();
      return { result: await work(manager) };
    });
  }

  async #run(statement: Statement | ((dialect: Dialect) => Statement)): Promise<Answer> {
    const dataSource = await this.#options.dataSource();
    return run(dataSource, typeof statement === 'function' ? statement(dialectOf(dataSource)) : statement);
  }

  #isTask(id: string): Statement {
    return sql`plugin_id = ${this.#pluginId} AND task_id = ${id}`;
  }

  #leaseFromNow(dialect: Dialect): Statement {
    return sql`${nowIn[dialect]} + ${raw(String(this.#options.lease))}`;
  }

  async #known(): Promise<{ now: number; known: Map<string, { schedule: string; nextRun: number | undefined }> }> {
    const { rows } = await this.#run(
      sql`SELECT task_id, schedule, next_run FROM backplane_tasks WHERE plugin_id = ${this.#pluginId}`,
    );
    const clock = await this.#run(dialect => sql`SELECT ${nowIn[dialect]} AS now`);
    const known = rows.map(
      row =>
        [String(row['task_id']), { schedule: String(row['schedule']), nextRun: numberOf(row['next_run']) }] as const,
    );
    return { now: Number(clock.rows[0]!['now']), known: new Map(known) };
  }

  async #insert(tasks: readonly SoundTask[], now: number): Promise<void> {
    // Of a task whose row somebody has deleted the numbers go on.
    const rows = tasks.map(task => {
      const last = sql`COALESCE((SELECT MAX(fence) FROM backplane_task_runs WHERE ${this.#isTask(task.id)}), 0)`;
      return sql`(${this.#pluginId}, ${task.id}, ${task.schedule}, ${task.first(now)}, ${last}, 0, 0)`;
    });
    const columns = 'plugin_id, task_id, schedule, next_run, fence, cancelled, failures';
    await this.#insertInto(`backplane_tasks (${columns})`, () => rows);
  }

  /** What is there already stays as it is. */
  async #insertInto(columns: string, rowsIn: (dialect: Dialect) => readonly Statement[]): Promise<void> {
    await this.#run(dialect => {
      const [ignore, otherwise] = dialect === 'mysql' ? ['IGNORE ', ''] : ['', ' ON CONFLICT DO NOTHING'];
      return sql`INSERT ${raw(ignore)}INTO ${raw(columns)} VALUES ${joined(rowsIn(dialect), ', ')}${raw(otherwise)}`;
    });
  }

  #keep(rowsIn: (dialect: Dialect) => readonly Statement[]): Promise<void> {
    const columns = 'plugin_id, task_id, fence, started_at, ended_at, outcome, error';
    return this.#insertInto(`backplane_task_runs (${columns})`, rowsIn);
  }

  async #end(runs: readonly EndedRun[], holder: string): Promise<void> {
    const { set, held } = endOf(runs);
    await this.#run(
      sql`UPDATE backplane_tasks SET ${set} WHERE plugin_id = ${this.#pluginId} AND holder = ${holder} AND (${held})`,
    );
    try {
      await this.#keepEnded(runs, error => error);
    } catch (failure) {
      if (!isUnknownLetter(failure)) throw failure;
      await this.#keepEnded(runs, inPlainLetters);
    }
    await this.#forget(runs);
  }

  #keepEnded(runs: readonly EndedRun[], textOf: (error: string | undefined) => string | undefined): Promise<void> {
    return this.#keep(dialect =>
      runs.map(({ id, fence, startedAt, outcome, error }) => {
        return sql`(${this.#pluginId}, ${id}, ${fence}, ${startedAt}, ${nowIn[dialect]}, ${outcome}, ${textOf(error)})`;
      }),
    );
  }

  /** Not each time: ten runs more do no harm, ten statements more would. */
  async #forget(runs: readonly EndedRun[]): Promise<void> {
    const old = runs.filter(({ fence }) => fence % 10 === 0 && fence > this.#options.history);
    if (old.length === 0) return;
    const isOld = old.map(({ id, fence }) => sql`(task_id = ${id} AND fence <= ${fence - this.#options.history})`);
    await this.#run(
      sql`DELETE FROM backplane_task_runs WHERE plugin_id = ${this.#pluginId} AND (${joined(isOld, ' OR ')})`,
    );
  }
}

/** PostgreSQL has a text refused that the encoding of the database, as LATIN1, cannot write. */
function isUnknownLetter(error: unknown): boolean {
  return (error as { code?: unknown }).code === '22P05';
}
