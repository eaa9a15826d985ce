import { joined, raw, sql, type Statement } from './sql-statement.js';
import type { EndedRun } from './task-store.js';

/** What is set in the rows of several runs that have ended, and which rows these are. */
export function endOf(runs: readonly EndedRun[]): { readonly set: Statement; readonly held: Statement } {
  const perTask = (column: string, valueOf: (ended: EndedRun) => Statement): Statement => {
    const cases = runs.map(ended => sql`WHEN ${ended.id} THEN ${valueOf(ended)}`);
    return sql`${raw(column)} = CASE task_id ${joined(cases, ' ')} ELSE ${raw(column)} END`;
  };
  const gone = (column: string, again: string): Statement =>
    perTask(column, ({ isAgain }) => raw(isAgain ? again : 'NULL'));
  const set = [
    perTask('next_run', ({ nextRun: [before, after], isAgain }) => {
      if (isAgain || before === after) return raw('next_run');
      const isSame = before === undefined ? raw('next_run IS NULL') : sql`next_run = ${before}`;
      return sql`CASE WHEN ${isSame} THEN ${after === undefined ? raw('NULL') : raw(String(after))} ELSE next_run END`;
    }),
    perTask('failures', ({ failures }) => raw(String(failures))),
    gone('lease_until', '0'),
    gone('due_at', 'due_at'),
    gone('started_at', 'started_at'),
    gone('holder', 'holder'),
  ];
  const held = runs.map(({ id, fence }) => sql`(task_id = ${id} AND fence = ${fence})`);
  return { set: joined(set, ', '), held: joined(held, ' OR ') };
}
