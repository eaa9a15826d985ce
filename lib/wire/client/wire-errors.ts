import { invalidAnswer, RemoteError } from '../../contract/remote-error.js';
import type { OperationDefinition } from '../../contract/operation.js';

type Called = Pick<OperationDefinition, 'pluginId' | 'name'>;

/** What was not there may be soon, in seconds. */
const retryAfter = 1;

/** The answer would be, or is, too late. */
export function deadlineExceeded(called: Called): RemoteError {
  const message = `Plugin '${called.pluginId}' did not answer '${called.name}' before the deadline`;
  return new RemoteError(called, { status: 504, code: 'deadline_exceeded', message });
}

/** There is no connection, or it was lost before the answer was there. */
export function unreachable(called: Called, cause?: unknown): RemoteError {
  const message = `Plugin '${called.pluginId}' was not reached for '${called.name}'`;
  return new RemoteError(called, { status: 503, code: 'plugin_unreachable', message, retryAfter, cause });
}

/** The connection was lost when a part of the answer had come, or the other side has cut it off. */
export function brokenOff(called: Called, cause?: unknown): RemoteError {
  const message = `The answer of plugin '${called.pluginId}' to '${called.name}' broke off`;
  return new RemoteError(called, { status: 503, code: 'plugin_unreachable', message, retryAfter, cause });
}

/** So many calls have failed that this one was not sent. */
export function circuitOpen(called: Called): RemoteError {
  const message = `Plugin '${called.pluginId}' has failed too often to be asked '${called.name}' now`;
  return new RemoteError(called, { status: 503, code: 'circuit_open', message, retryAfter });
}

export function tooLarge(called: Called, status: number, limit: number): RemoteError {
  return invalidAnswer(called as OperationDefinition, status, `and more than ${limit} bytes`);
}
