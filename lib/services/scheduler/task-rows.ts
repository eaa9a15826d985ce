import type { TaskRunRecord } from '../../api/scheduler-service.js';
import type { KeptRun, TaskRow } from './task-store.js';

export function rowOf(row: Record<string, unknown>): TaskRow {
  return {
    id: String(row['task_id']),
    nextRun: numberOf(row['next_run']),
    triggeredAt: numberOf(row['triggered_at']),
    holder: (row['holder'] as string | null) ?? undefined,
    fence: Number(row['fence']),
    dueAt: numberOf(row['due_at']),
    startedAt: numberOf(row['started_at']),
    leaseUntil: numberOf(row['lease_until']),
    isCancelled: Number(row['cancelled']) === 1,
    failures: Number(row['failures']),
  };
}

export function keptRunOf(row: Record<string, unknown>): KeptRun {
  const error = row['error'] as string | null;
  return {
    id: String(row['task_id']),
    fence: Number(row['fence']),
    startedAt: new Date(Number(row['started_at'])),
    endedAt: new Date(Number(row['ended_at'])),
    outcome: row['outcome'] as NonNullable<TaskRunRecord['outcome']>,
    ...(error !== null && { error }),
  };
}

/** PostgreSQL gives what may be larger than a number of ours as text. */
export function numberOf(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
