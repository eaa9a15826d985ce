import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';

/** What goes on by itself with the calls that are made while a request is answered. */
export interface Travelling {
  /** It was answered, or expired a while ago: what goes on is not in a hurry for its sake. */
  readonly isOver: boolean;
  /**
   * When the answer is too late, in ms since 1970; `undefined`: nobody has said who counts. More count for a call that is
   * on behalf of nobody, which is believed as little by whoever gets it.
   */
  deadlineFor(onBehalfOfNobody: boolean): number | undefined;
  /** How many calls of plugins have led to this request, in the same way. */
  hopsFor(onBehalfOfNobody: boolean): number;
  readonly requestId: string;
  /** As in W3C Trace Context; what is not valid is not passed on. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** On whose account code runs: errors that nobody catches are charged to it. */
export interface Account {
  /** Tells backends of one process apart. */
  readonly backend: object;
  readonly pluginId: string;
  /** The calls that the start of the plugin has under way, as people call them; it adds and removes its own. */
  readonly calls?: Set<string>;
  /** The request being answered. It takes an error that nobody caught as its own, and says whether it still could. */
  readonly request?: Travelling & { readonly req?: IncomingMessage; fail(error: unknown): boolean };
}

const accounts = new AsyncLocalStorage<Account | undefined>();

/** Runs `work`, and everything it starts, on `account`. */
export function runOnAccount<T>(account: Account, work: () => T): T {
  return accounts.run(account, work);
}

/** The same for a function of two arguments: a request should not cost another function. */
export function callOnAccount<A, B, T>(account: Account, work: (a: A, b: B) => T, a: A, b: B): T {
  return accounts.run(account, work, a, b);
}

/** Runs `work` as the backend's own, whoever has caused it. */
export function runOnNoAccount<A extends unknown[], R>(work: (...args: A) => R, ...args: A): R {
  return accounts.getStore() ? accounts.run(undefined, work, ...args) : work(...args);
}

/**
 * `work` on the account of the code that calls this, whoever runs it and when; without the request that was being
 * answered, since that will be over.
 */
export function keepAccount<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R {
  const account = accounts.getStore();
  if (!account) return (...args) => runOnNoAccount(work, ...args);
  const { backend, pluginId } = account;
  const lasting: Account = { backend, pluginId };
  return (...args) => accounts.run(lasting, work, ...args);
}

/** On whose account the running code is; `undefined` for the backend itself and for code that nobody started. */
export function currentAccount(): Account | undefined {
  return accounts.getStore();
}
