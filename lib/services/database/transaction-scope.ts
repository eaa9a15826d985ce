import type { AsyncLocalStorage } from 'node:async_hooks';
import { databaseBusy } from './database-errors.js';

/** The scope whose transaction the running code is part of. */
export type CurrentScope = AsyncLocalStorage<TransactionScope>;

/** In ms. */
export interface ScopeLimits {
  /** Whoever waits longer for a turn is refused. */
  readonly patience: number;
  /** How long nothing may happen in a transaction. */
  readonly idle: number;
}

/** Who begins a transaction, and where. */
interface Beginning {
  /** Who has begun it by hand. */
  readonly owner: object | undefined;
  readonly outer: TransactionScope | undefined;
  /** Called with a turn in the transaction, which it ends, where nothing has happened in it for too long. */
  readonly onIdle: (scope: TransactionScope) => void;
}

/**
 * A transaction on a connection that many share, or the connection itself outside of any.
 *
 * One thing at a time happens in a scope: a query, or a transaction nested in it. All others wait for their turn, in the
 * order in which they came.
 */
export class TransactionScope {
  readonly parent: TransactionScope | undefined;
  /** How many transactions are around what happens here. */
  readonly depth: number;
  /** What the code was part of that began it: perhaps a transaction of another database. */
  readonly outer: TransactionScope | undefined;
  readonly #owner: object | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #limits: ScopeLimits;
  #idleTimer: NodeJS.Timeout | undefined;
  #isTaken = false;
  #isClosed = false;
  #child: TransactionScope | undefined;
  #lost: Error | undefined;

  private constructor(limits: ScopeLimits, parent?: TransactionScope, { owner, outer }: Partial<Beginning> = {}) {
    this.parent = parent;
    this.outer = outer;
    this.depth = parent ? parent.depth + 1 : 0;
    this.#owner = owner;
    this.#limits = limits;
  }

  static connection(limits: ScopeLimits): TransactionScope {
    return new TransactionScope(limits);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get connection(): TransactionScope {
    return this.parent?.connection ?? this;
  }

  /** Why nothing can happen here any more but that it is ended, where the transaction has been undone from outside. */
  get lost(): Error | undefined {
    return this.#lost ?? this.parent?.lost;
  }

  /**
   * Where something of `owner` happens that belongs to this scope: within the transactions that `owner` has begun here
   * by hand, since nobody can see which code they are meant for.
   */
  innermostOf(owner: object): TransactionScope {
    return this.#child && this.#child.#owner === owner ? this.#child.innermostOf(owner) : this;
  }

  /** Gives whether it is one's turn: not where the scope has ended meanwhile. Rejects with `DATABASE_BUSY`. */
  take(): boolean | Promise<boolean> {
    if (this.#isClosed) return false;
    // Where the transaction is lost nobody does anything any more that one would have to wait for.
    if (this.#isTaken && !this.lost) return this.#wait();
    this.#isTaken = true;
    return true;
  }

  /** Ends one's turn. */
  give(): void {
    this.#outermost.#idleTimer?.refresh();
    const [next] = this.#waiting;
    if (next) next();
    else this.#isTaken = false;
  }

  /** A transaction within this scope, whose turn it is. */
  begin(beginning: Beginning): TransactionScope {
    const child = new TransactionScope(this.#limits, this, beginning);
    this.#child = child;
    if (child.depth === 1) child.#watch(beginning.onIdle);
    return child;
  }

  /** Ends the transaction, and the turn of its scope in the one around it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#child?.close();
    this.#wakeAll();
    this.#leave();
  }

  /**
   * The transaction, with those around it, has been undone: others may go on with the connection, and what still belongs
   * to it is refused until it is closed.
   */
  lose(reason: Error): void {
    if (this.depth > 1) return this.parent!.lose(reason);
    if (this.#isClosed || this.#lost) return;
    this.#lost = reason;
    this.#wakeAll();
    this.#leave();
  }

  get #outermost(): TransactionScope {
    return this.depth > 1 ? this.parent!.#outermost : this;
  }

  get #innermost(): TransactionScope {
    return this.#child ? this.#child.#innermost : this;
  }

  #leave(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    const { parent } = this;
    if (!parent || parent.#child !== this) return;
    parent.#child = undefined;
    parent.give();
  }

  #wakeAll(): void {
    for (const next of this.#waiting) next();
    if (this.#child) this.#child.#wakeAll();
  }

  #watch(onIdle: (scope: TransactionScope) => void): void {
    const expired = (): void => {
      const innermost = this.#innermost;
      if (innermost.#isTaken) return void this.#idleTimer?.refresh();
      innermost.#isTaken = true;
      onIdle(this);
    };
    this.#idleTimer = setTimeout(expired, this.#limits.idle).unref();
  }

  #wait(): Promise<boolean> {
    const { patience } = this.#limits;
    return new Promise((resolve, reject) => {
      const next = () => {
        clearTimeout(late);
        this.#waiting.delete(next);
        resolve(!this.#isClosed);
      };
      const late = setTimeout(() => {
        this.#waiting.delete(next);
        reject(databaseBusy(patience));
      }, patience);
      this.#waiting.add(next);
    });
  }
}
