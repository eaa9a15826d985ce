import type { TaskRunRecord, TaskState } from '../../api/scheduler-service.js';
import type { SoundTask } from './sound-task.js';
import { isFree, type TaskRow, type TaskStore } from './task-store.js';

/** What all instances know of these global tasks of a plugin. */
export async function globalStates(
  pluginId: string,
  tasks: readonly SoundTask[],
  store: TaskStore,
  preparation: { prepare(): Promise<void> },
): Promise<TaskState[]> {
  if (tasks.length === 0) return [];
  await preparation.prepare();
  const [{ now, rows }, last] = [await store.look(), await store.lastRuns()];
  return tasks.map(task => {
    const { id, scope, frequency, timeout } = task;
    const row = rows.find(one => one.id === id);
    const isRunning = row !== undefined && !isFree(row, now);
    const ended = last.find(run => run.id === id);
    const lastRun = isRunning ? recordOf(row) : ended && withoutId(ended);
    const nextRun = row?.triggeredAt ?? row?.nextRun;
    return {
      id,
      pluginId,
      scope,
      frequency,
      timeout,
      status: isRunning ? 'running' : 'idle',
      ...(nextRun !== undefined && { nextRunAt: new Date(nextRun) }),
      ...(lastRun && { lastRun }),
    };
  });
}

/** The run that goes on; `undefined` where none does. */
export async function runningRecord(id: string, store: TaskStore): Promise<TaskRunRecord | undefined> {
  const { now, rows } = await store.look();
  const row = rows.find(one => one.id === id);
  return row && !isFree(row, now) ? recordOf(row) : undefined;
}

function recordOf({ fence, startedAt = 0 }: TaskRow): TaskRunRecord {
  return { fence, startedAt: new Date(startedAt) };
}

function withoutId({ id: _, ...record }: TaskRunRecord & { readonly id: string }): TaskRunRecord {
  return record;
}
