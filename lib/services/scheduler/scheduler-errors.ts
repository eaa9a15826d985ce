import { BackplaneError } from '../../errors/backplane-error.js';
import { ConflictError, NotFoundError, type HttpError } from '../../errors/http-error.js';
import { isSound, soundTask, type SoundTask, type TaskFault } from './sound-task.js';

const inPlugin = (pluginId: string): string[] => [`in plugin '${pluginId}'`];

/** The options of another task of the plugin as they are kept. Throws `INVALID_TASK` and `DUPLICATE_TASK`. */
export function keptTask(pluginId: string, options: unknown, others: readonly string[], place?: string): SoundTask {
  const task = soundTask(options);
  if (!isSound(task)) throw invalidTask(pluginId, task[0]!, place);
  if (others.includes(task.id)) throw duplicateTask(pluginId, task.id);
  return task;
}

function invalidTask(pluginId: string, fault: TaskFault, place: string | undefined): BackplaneError {
  return new BackplaneError({
    ...fault,
    path: [...inPlugin(pluginId), ...(place === undefined ? [] : [`-> ${place}`])],
  });
}

function duplicateTask(pluginId: string, id: string): BackplaneError {
  return new BackplaneError({
    code: 'DUPLICATE_TASK',
    message: `Plugin '${pluginId}' has two tasks '${id}'`,
    path: inPlugin(pluginId),
    fix: `give one of them another id, as '${id}-2'; modules have theirs in common with the plugin.`,
  });
}

export function leaseLost(pluginId: string, id: string, fence: number): BackplaneError {
  return new BackplaneError({
    code: 'LEASE_LOST',
    message: `Run ${fence} of task '${id}' has lost its lease, so nothing is written`,
    path: inPlugin(pluginId),
    fix: 'end the run when its signal aborts: another one goes on in its place.',
  });
}

export function notLeased(pluginId: string, id: string): BackplaneError {
  return new BackplaneError({
    code: 'TASK_WITHOUT_LEASE',
    message: `Task '${id}' is local, so there is no lease that its writes could hold`,
    path: inPlugin(pluginId),
    fix: `use the plugin's DatabaseService, or leave scope: 'local' out.`,
  });
}

export function notEnded(pluginId: string, ids: readonly string[], waited: number): BackplaneError {
  const list = ids.map(id => `'${id}'`).join(', ');
  return new BackplaneError({
    code: 'TASK_NOT_ENDED',
    message: `Plugin '${pluginId}' stops, and ${waited} ms after their signal was aborted these tasks still run: ${list}`,
    // Whose hook it is that says so is known.
    path: [],
    fix: 'end a task when its signal aborts: pass that on to what it calls, or look at it between two steps.',
  });
}

export function unknownTask(id: string): HttpError {
  return new NotFoundError(`There is no task '${id}'`);
}

export function running(id: string): HttpError {
  return new ConflictError(`Task '${id}' is running`);
}

export function notRunning(id: string): HttpError {
  return new ConflictError(`Task '${id}' is not running`);
}
