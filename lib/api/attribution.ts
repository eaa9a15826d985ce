import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose account code runs: errors that nobody catches are charged to it. */
export interface Account {
  /** Tells backends of one process apart. */
  readonly backend: object;
  readonly pluginId: string;
  /** The request being answered. It takes an error that nobody caught as its own, and says whether it still could. */
  readonly request?: { fail(error: unknown): boolean };
}

const accounts = new AsyncLocalStorage<Account>();

/** Runs `work`, and everything it starts, on `account`. */
export function runOnAccount<T>(account: Account, work: () => T): T {
  return accounts.run(account, work);
}

/** On whose account the running code is; `undefined` for the backend itself and for code that nobody started. */
export function currentAccount(): Account | undefined {
  return accounts.getStore();
}
