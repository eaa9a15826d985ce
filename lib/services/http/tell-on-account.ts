import type { EventEmitter } from 'node:events';
import { type Account, runOnAccount, runOnNoAccount } from '../../api/attribution.js';

/**
 * Has `emit` call listeners on `account`, since what has happened came from the connection, which is the server's. What
 * one of them throws is not seen here: from here it would leave the account before anybody is told.
 */
export function tellOnAccount(account: Account | undefined, emit: () => boolean): boolean {
  const guarded = (): boolean => {
    try {
      return emit();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
      return true;
    }
  };
  return account ? runOnAccount(account, guarded) : runOnNoAccount(guarded);
}

/** The same for everything that `emitter` tells from now on. */
export function tellAllOnAccount(emitter: EventEmitter, account: Account): void {
  const emit = emitter.emit.bind(emitter) as (...args: unknown[]) => boolean;
  emitter.emit = (...args: unknown[]) => tellOnAccount(account, () => emit(...args));
}

/** The same for those who listen to the signal. */
export function abortOnAccount(account: Account | undefined, controller: AbortController | undefined): void {
  if (controller && account) runOnAccount(account, () => controller.abort());
  else controller?.abort();
}

export function controllerOf(aborted: boolean): AbortController {
  const made = new AbortController();
  if (aborted) made.abort();
  return made;
}
