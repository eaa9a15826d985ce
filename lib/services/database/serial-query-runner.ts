import type { EntityManager } from 'typeorm';
import type { ConnectionFaults } from './connection-faults.js';
import { rawTransaction, transactionLost } from './database-errors.js';
import type { CurrentScope, TransactionScope } from './transaction-scope.js';

/** What is used here of TypeORM's query runners, some of which their interface does not tell. */
interface Runner {
  isReleased: boolean;
  isTransactionActive: boolean;
  transactionDepth: number;
  readonly manager: EntityManager;
  readonly broadcaster: { broadcast(event: string): Promise<void> };
  query(sql: string, ...args: unknown[]): Promise<unknown>;
  startTransaction(): Promise<void>;
  commitTransaction(): Promise<void>;
  rollbackTransaction(): Promise<void>;
  release(): Promise<void>;
}

export type RunnerClass = new (driver: unknown) => Runner;

export interface SerialRunner extends Runner {
  /** Begins a transaction; `by` tells one that ends with a function from one that somebody ends by hand. */
  begin(by: 'function' | 'hand'): Promise<TransactionScope>;
  commit(scope: TransactionScope): Promise<void>;
  /** Does nothing where it has ended. */
  rollback(scope: TransactionScope): Promise<void>;
}

/** Words that change whose transaction the connection is in. */
const control = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*(?:BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

/**
 * Query runners for a driver with one connection, as SQLite has it.
 *
 * TypeORM has a single one then, so that what anybody does lands in the transaction that somebody else has open. Of these
 * everybody has their own, as with a pool: while a transaction is open on one, the others wait, unless their code is
 * part of that transaction.
 */
export function serialRunnerOf(
  Base: RunnerClass,
  connection: TransactionScope,
  current: CurrentScope,
  faults: ConnectionFaults,
): new (driver: unknown) => SerialRunner {
  return class SerialQueryRunner extends Base implements SerialRunner {
    /** The transactions that were begun here and have not ended, outermost first. */
    readonly #open: TransactionScope[] = [];

    override async query(sql: string, ...args: unknown[]): Promise<unknown> {
      if (control.test(sql)) throw rawTransaction(sql);
      const scope = await this.#enter();
      try {
        return await this.#send(scope, sql, ...args);
      } finally {
        scope.give();
      }
    }

    /** Whatever level is asked for: transactions that run one after the other are serializable. */
    override async startTransaction(): Promise<void> {
      await this.begin('hand');
    }

    override async commitTransaction(): Promise<void> {
      await this.commit(await this.#last());
    }

    override async rollbackTransaction(): Promise<void> {
      await this.rollback(await this.#last());
    }

    async begin(by: 'function' | 'hand'): Promise<TransactionScope> {
      await this.broadcaster.broadcast('BeforeTransactionStart');
      const around = await this.#enter();
      try {
        // A transaction that only later finds that it writes would fail where another process has written meanwhile.
        await this.#send(around, around.depth === 0 ? 'BEGIN IMMEDIATE' : `SAVEPOINT backplane_${around.depth}`);
      } catch (error) {
        around.give();
        throw error;
      }
      const scope = around.begin({
        owner: by === 'hand' ? this : undefined,
        outer: current.getStore(),
        onIdle: left => void this.#end(left),
      });
      this.#open.push(scope);
      this.#tell();
      await this.broadcaster.broadcast('AfterTransactionStart');
      return scope;
    }

    async commit(scope: TransactionScope): Promise<void> {
      await this.#endWithin(scope);
      await this.broadcaster.broadcast('BeforeTransactionCommit');
      // What was asked for before comes before.
      if (!(await scope.take())) throw await notStarted();
      try {
        if (scope.lost) throw scope.lost;
        await this.#send(scope, scope.depth === 1 ? 'COMMIT' : `RELEASE SAVEPOINT backplane_${scope.depth - 1}`);
      } catch (error) {
        scope.give();
        throw error;
      }
      this.#close(scope);
      await this.broadcaster.broadcast('AfterTransactionCommit');
    }

    async rollback(scope: TransactionScope): Promise<void> {
      if (scope.isClosed) return;
      await this.#endWithin(scope);
      await this.broadcaster.broadcast('BeforeTransactionRollback');
      try {
        // Whatever does not come to its end in there is not worth keeping the transaction.
        if (!(await Promise.resolve(scope.take()).catch(() => true))) return;
        if (scope.lost) return;
        const name = `backplane_${scope.depth - 1}`;
        if (scope.depth === 1) await super.query('ROLLBACK');
        else await super.query(`ROLLBACK TO SAVEPOINT ${name}`).then(() => super.query(`RELEASE SAVEPOINT ${name}`));
      } finally {
        this.#close(scope);
      }
      await this.broadcaster.broadcast('AfterTransactionRollback');
    }

    /** A transaction that nobody has ended does not outlive its runner. */
    override async release(): Promise<void> {
      if (this.isReleased) return;
      const [first] = this.#open;
      if (first) await this.rollback(first);
      await super.release();
      this.isReleased = true;
    }

    /** Waits for one's turn, where one belongs. */
    async #enter(): Promise<TransactionScope> {
      for (;;) {
        const scope = this.#place();
        const taken = scope.take();
        if (taken !== true && !(await taken)) continue;
        if (!scope.lost) return scope;
        scope.give();
        throw scope.lost;
      }
    }

    async #send(scope: TransactionScope, sql: string, ...args: unknown[]): Promise<unknown> {
      try {
        return await faults.attempt(() => super.query(sql, ...args));
      } catch (error) {
        // Whatever came after would not be part of it any more, and would stay.
        if (scope.depth > 0 && !faults.isInTransaction()) scope.lose(transactionLost(error));
        throw error;
      }
    }

    #place(): TransactionScope {
      let part = current.getStore();
      while (part && (part.isClosed || part.connection !== connection)) part = part.outer;
      const own = this.#innermost;
      const scope = own && !(part && this.#open.includes(part)) ? own : (part ?? connection);
      return scope.innermostOf(this);
    }

    /** One that somebody else has ended, with what is around it, is no more. */
    get #innermost(): TransactionScope | undefined {
      while (this.#open.at(-1)?.isClosed) this.#open.pop();
      return this.#open.at(-1);
    }

    async #last(): Promise<TransactionScope> {
      const last = this.#innermost;
      if (!last) throw await notStarted();
      return last;
    }

    /** Ends what was begun by hand within a transaction, and forgotten. */
    async #endWithin(scope: TransactionScope): Promise<void> {
      const inner = this.#open[this.#open.indexOf(scope) + 1];
      if (inner) await this.rollback(inner);
    }

    /** Undoes a transaction that somebody has left open. */
    async #end(left: TransactionScope): Promise<void> {
      await super.query('ROLLBACK').catch(() => {});
      left.lose(transactionLost(new Error('No query came for too long, and others were waiting')));
    }

    #close(scope: TransactionScope): void {
      scope.close();
      const index = this.#open.indexOf(scope);
      if (index >= 0) this.#open.splice(index);
      this.#tell();
    }

    #tell(): void {
      this.isTransactionActive = this.#innermost !== undefined;
      this.transactionDepth = this.#innermost?.depth ?? 0;
    }
  };
}

async function notStarted(): Promise<Error> {
  const { TransactionNotStartedError } = await import('typeorm');
  return new TransactionNotStartedError();
}
