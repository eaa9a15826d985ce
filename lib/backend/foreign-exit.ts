import { currentAccount } from '../api/attribution.js';
import type { BackendPhase } from '../api/backend-status-service.js';
import type { Problem } from '../errors/problem.js';

interface Ending {
  readonly phase: BackendPhase;
  /** What the start is, or was, at. */
  readonly startStep: string;
  /** The function by which it is done. */
  readonly exit: () => never;
}

const did = { starting: 'started', ready: 'ran', stopping: 'stopped', stopped: 'stopped' };

/** Somebody else ends the process under a backend. To be called while that happens: then it is known who does it. */
export function foreignExit(code: number, { phase, startStep, exit }: Ending): Problem {
  const pluginId = currentAccount()?.pluginId;
  const steps = phase === 'starting' ? [`-> ${startStep}`] : [];
  const cause = new Error('process.exit() was called');
  // What is left is its caller, and nothing where Node itself ends the process.
  Error.captureStackTrace(cause, exit);
  return {
    code: 'PROCESS_EXIT',
    message: `The process was ended with code ${code} while the backend ${did[phase]}`,
    path: pluginId === undefined ? steps : [`in plugin '${pluginId}'`],
    fix: 'throw an error where the start must not go on; call stop() where the backend is to end.',
    ...(cause.stack?.includes('\n') && { cause }),
  };
}
