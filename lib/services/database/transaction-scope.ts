import type { AsyncLocalStorage } from 'node:async_hooks';
import { databaseBusy } from './database-errors.js';

/** The scope whose transaction the running code is part of. */
export type CurrentScope = AsyncLocalStorage<TransactionScope>;

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
  readonly #patience: number;
  #isTaken = false;
  #isClosed = false;
  #child: TransactionScope | undefined;

  private constructor(options: {
    parent?: TransactionScope;
    outer?: TransactionScope | undefined;
    owner?: object | undefined;
    patience: number;
  }) {
    this.parent = options.parent;
    this.outer = options.outer;
    this.depth = options.parent ? options.parent.depth + 1 : 0;
    this.#owner = options.owner;
    this.#patience = options.patience;
  }

  /** The connection; whoever waits longer than `patience`, in ms, is refused. */
  static connection(patience: number): TransactionScope {
    return new TransactionScope({ patience });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get connection(): TransactionScope {
    return this.parent?.connection ?? this;
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
    if (this.#isTaken) return this.#wait();
    this.#isTaken = true;
    return true;
  }

  /** Ends one's turn. */
  give(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#isTaken = false;
  }

  /** A transaction within this scope, whose turn it is. `owner` is who has begun it by hand. */
  begin(owner: object | undefined, outer: TransactionScope | undefined): TransactionScope {
    this.#child = new TransactionScope({ parent: this, outer, owner, patience: this.#patience });
    return this.#child;
  }

  /** Ends the transaction, and the turn of its scope in the one around it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#child?.close();
    for (const next of this.#waiting) next();
    if (!this.parent) return;
    this.parent.#child = undefined;
    this.parent.give();
  }

  #wait(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const next = () => {
        clearTimeout(late);
        this.#waiting.delete(next);
        resolve(!this.#isClosed);
      };
      const late = setTimeout(() => {
        this.#waiting.delete(next);
        reject(databaseBusy(this.#patience));
      }, this.#patience);
      this.#waiting.add(next);
    });
  }
}
