import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { currentAccount } from '../api/attribution.js';
import type { Backend } from './backend.js';

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
  readonly #backends = new Set<Backend>();
  readonly #rejections = new Map<Promise<unknown>, NodeJS.Immediate>();
  #stopping = false;

  adopt(backend: Backend): void {
    if (this.#backends.size === 0) this.#listen('on');
    this.#backends.add(backend);
  }

  release(backend: Backend): void {
    this.#backends.delete(backend);
    if (this.#backends.size === 0) this.#listen('off');
  }

  #listen(how: 'on' | 'off'): void {
    process[how]('SIGTERM', this.#onSignal);
    process[how]('SIGINT', this.#onSignal);
    process[how]('beforeExit', this.#onBeforeExit);
    process[how]('uncaughtException', this.#onStrayError);
    process[how]('unhandledRejection', this.#onRejection);
    process[how]('rejectionHandled', this.#onRejectionHandled);
  }

  readonly #onSignal = (signal: Signal): void => {
    const code = 128 + constants.signals[signal];
    if (this.#stopping) {
      writeSync(2, `backplane: ${signal} again, ending at once\n`);
      process.exit(code);
    }
    void this.#end({ urgent: false, code: 0 });
  };

  readonly #onBeforeExit = (): void => {
    if (!this.#stopping) void this.#end({ urgent: false, code: 0 });
  };

  readonly #onStrayError = (error: unknown): void => {
    this.#charge(error);
  };

  /** A rejection that is handled within the next turn of the event loop was only late. */
  readonly #onRejection = (error: unknown, promise: Promise<unknown>): void => {
    const account = currentAccount();
    const turn = setImmediate(() => {
      this.#rejections.delete(promise);
      this.#charge(error, account);
    });
    this.#rejections.set(promise, turn);
  };

  readonly #onRejectionHandled = (promise: Promise<unknown>): void => {
    const turn = this.#rejections.get(promise);
    if (turn) clearImmediate(turn);
    this.#rejections.delete(promise);
  };

  #charge(error: unknown, account = currentAccount()): void {
    if (account?.request?.fail(error)) return;
    const owner = [...this.#backends].find(backend => backend.status === account?.backend);
    const charged = owner ? [owner] : [...this.#backends];
    const survived = charged.map(backend => backend.takeStrayError(error, owner && account?.pluginId));
    if (survived.includes(false)) void this.#end({ urgent: true, code: crashCode });
  }

  async #end({ urgent, code }: { urgent: boolean; code: number }): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const stops = await Promise.allSettled([...this.#backends].map(backend => backend.stop({ urgent })));
    const failures = stops.flatMap(stop => (stop.status === 'rejected' ? [stop.reason as unknown] : []));
    for (const failure of failures) writeSync(2, `${failure instanceof Error ? failure.message : String(failure)}\n`);
    process.exit(code || (failures.length > 0 ? 1 : 0));
  }
}

export const processHost = new ProcessHost();
