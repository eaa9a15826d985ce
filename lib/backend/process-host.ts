import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { inspect } from 'node:util';
import { type Account, currentAccount } from '../api/attribution.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';
import { formatProblem } from '../errors/problem.js';
import type { Backend } from './backend.js';
import { foreignExit } from './foreign-exit.js';
import { LateRejections } from './late-rejections.js';
import type { StartupResult } from './startup-result.js';

type Signal = 'SIGTERM' | 'SIGINT';

/** What a process ends with after an error nobody caught: EX_SOFTWARE of sysexits.h. */
const crashCode = 70;

/**
 * What backends need of the process they run in: signals stop them, errors that nobody caught are charged to the plugin
 * that made them, and the process ends with a code that tells how it went.
 *
 * There is one per process, since signals and exit codes are the process's own; it has listeners only while it has
 * backends. This is the only file that ends the process or writes to its error output.
 */
class ProcessHost {
  /** Each with how to end the watching of its events. */
  readonly #backends = new Map<Backend, () => void>();
  readonly #starts = new Set<Promise<unknown>>();
  readonly #rejections = new LateRejections((error, account) => this.#charge(error, account));
  #ending = false;
  /** We end the process, and not somebody else. */
  #exiting = false;
  /** What went wrong beyond what the stop itself can tell; `0` so far. */
  #code = 0;

  /** Starts a backend for a program. Rejects as the start does, unless the process is being ended: then nobody is told. */
  async start(backend: Backend): Promise<StartupResult> {
    this.#adopt(backend);
    const start = backend.start();
    this.#starts.add(start);
    try {
      return await start;
    } catch (error) {
      if (this.#ending) await new Promise<never>(() => {});
      this.release(backend);
      if (this.#backends.size === 0) tellIfUncaught(error);
      throw error;
    } finally {
      this.#starts.delete(start);
    }
  }

  /** Tells, as of a start, what has failed before there was a backend. */
  refused(error: unknown): void {
    if (this.#backends.size === 0) tellIfUncaught(error);
  }

  release(backend: Backend): void {
    this.#backends.get(backend)?.();
    if (this.#backends.delete(backend) && this.#backends.size === 0) this.#listen('off');
  }

  #adopt(backend: Backend): void {
    if (this.#backends.size === 0) this.#listen('on');
    const unsubscribe = backend.status.subscribe(event => {
      // What fails while the backend starts is for the start to tell.
      const isFatal = event.type === 'plugin-failed' && !event.allowed && backend.status.phase === 'ready';
      if (isFatal) void this.#end({ urgent: true, code: crashCode });
    });
    this.#backends.set(backend, unsubscribe);
  }

  #listen(how: 'on' | 'off'): void {
    process[how]('SIGTERM', this.#onSignal);
    process[how]('SIGINT', this.#onSignal);
    process[how]('beforeExit', this.#onBeforeExit);
    process[how]('exit', this.#onExit);
    process[how]('uncaughtException', this.#onStrayError);
    process[how]('unhandledRejection', this.#rejections.add);
    process[how]('rejectionHandled', this.#rejections.remove);
  }

  readonly #onSignal = (signal: Signal): void => {
    if (this.#ending) {
      tell(`backplane: ${signal} while stopping, ending at once`);
      this.#exit(128 + constants.signals[signal]);
    }
    void this.#end({ urgent: false, code: 0 });
  };

  readonly #onBeforeExit = (): void => {
    if (this.#ending) return;
    const starting = [...this.#backends.keys()].filter(({ status }) => status.phase === 'starting');
    for (const { startStep } of starting) {
      tell(`backplane: the start waits for ${startStep}, and nothing is going on that could end that`);
    }
    void this.#end({ urgent: false, code: starting.length > 0 ? 1 : 0 });
  };

  /** An end that nobody but the program's own code wants is no success as long as the start is none. */
  readonly #onExit = (code: number): void => {
    if (this.#exiting) return;
    for (const { status, startStep } of this.#backends.keys()) {
      // oxlint-disable-next-line typescript/unbound-method -- only to be found on the stack
      const { exit } = process;
      tell(formatProblem(foreignExit(code, { phase: status.phase, startStep, exit })));
      if (status.phase === 'starting') this.#code ||= 1;
    }
    if (code === 0) process.exitCode = this.#code;
  };

  readonly #onStrayError = (error: unknown): void => this.#charge(error, currentAccount());

  #charge(error: unknown, account: Account | undefined): void {
    if (account?.request?.fail(error)) return;
    const backends = [...this.#backends.keys()];
    // The last backend has gone meanwhile: Node's own rule applies.
    if (backends.length === 0) throw error;
    const owner = backends.find(({ status }) => status === account?.backend);
    const charged = owner ? [owner] : backends;
    // Before its log is there, and when it may be gone already.
    if (charged.some(({ status }) => status.phase !== 'ready')) tell(inspect(error));
    const survived = charged.map(backend => backend.takeStrayError(error, owner && account?.pluginId));
    if (survived.includes(false)) void this.#end({ urgent: true, code: crashCode });
  }

  async #end({ urgent, code }: { urgent: boolean; code: number }): Promise<void> {
    this.#code ||= code;
    if (this.#ending) return;
    this.#ending = true;
    const stops = [...this.#backends.keys()].map(backend => backend.stop({ urgent }));
    const ends = await Promise.allSettled([...stops, ...this.#starts]);
    const failures = ends.flatMap(end => (end.status === 'rejected' ? [end.reason as unknown] : []));
    for (const failure of failures.filter(isToBeTold)) {
      tell(failure instanceof Error ? failure.message : inspect(failure));
      this.#code ||= 1;
    }
    // Without a code of ours it is the one the program has set.
    this.#exit(this.#code || undefined);
  }

  #exit(code: number | undefined): never {
    this.#exiting = true;
    process.exit(code);
  }
}

/**
 * Where nobody catches the error of a start, it is told without what Node puts around it. Anything else nobody catches
 * in these two turns of the event loop ends the process as it would without a listener.
 */
function tellIfUncaught(failure: unknown): void {
  // A program that catches such errors itself has its own way to tell them.
  if (process.listenerCount('uncaughtException') > 0) return;
  const onUncaught = (error: unknown): never => {
    tell(error === failure && error instanceof BackendStartupError ? error.message : inspect(error));
    process.exit(1);
  };
  process.once('uncaughtException', onUncaught);
  setImmediate(() => setImmediate(() => process.off('uncaughtException', onUncaught)));
}

/** A start that is over because of the stop has not failed. */
function isToBeTold(failure: unknown): boolean {
  return !(failure instanceof BackendStartupError) || failure.problems.some(({ code }) => code !== 'START_CANCELLED');
}

/** At once: whatever is buffered is lost when the process ends. */
function tell(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody reads it any more.
  }
}

export const processHost = new ProcessHost();
