import type { DataSource, EntityManager } from 'typeorm';
import type { DatabaseService } from '../../../api/database-service.js';
import type { EventRecord } from '../event-transport.js';
import { foreignTransaction } from '../events-errors.js';
import { OutboxRelay, type RelayEnd } from './outbox-relay.js';
import { OutboxTables } from './outbox-tables.js';

interface Open {
  readonly tables: OutboxTables;
  readonly relay: OutboxRelay;
}

/** What one plugin publishes in transactions of its own database. */
export class PluginOutbox {
  readonly #pluginId: string;
  readonly #database: DatabaseService;
  readonly #end: RelayEnd;
  readonly #background: <T>(work: () => T) => T;
  readonly #made = new WeakSet<DataSource>();
  #making: Promise<void> | undefined;
  #open: Open | undefined;
  #isClosed = false;

  constructor(pluginId: string, database: DatabaseService, end: RelayEnd, background: <T>(work: () => T) => T) {
    this.#pluginId = pluginId;
    this.#database = database;
    this.#end = end;
    this.#background = background;
  }

  /**
   * Opens the database, and makes the tables where that needs a connection of its own: later all may be taken by
   * transactions that wait for it.
   */
  async prepare(): Promise<void> {
    try {
      const tables = new OutboxTables(await this.#database.getDataSource());
      if (!tables.canBeMadeWithin) await this.#make(tables);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Hands over what an earlier process has left. */
  async resume(): Promise<void> {
    try {
      const dataSource = await this.#database.getDataSource();
      if (await new OutboxTables(dataSource).exist()) this.#openFor(dataSource);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Resolves once it is written. Rejects with `FOREIGN_TRANSACTION`, and as the database does. */
  async write(record: EventRecord, manager: EntityManager): Promise<void> {
    const dataSource = await this.#database.getDataSource();
    if (manager.dataSource !== dataSource) throw foreignTransaction(this.#pluginId, record.topic);
    const { tables, relay } = this.#openFor(dataSource);
    // A transaction that is undone takes them along.
    if (tables.canBeMadeWithin) await tables.make(manager);
    else await this.#make(tables);
    await tables.add(JSON.stringify(record), manager);
    // It may have been no transaction at all.
    if (!manager.queryRunner?.isTransactionActive) relay.poke();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#open?.relay.close();
  }

  #openFor(dataSource: DataSource): Open {
    if (this.#open?.tables.dataSource === dataSource) return this.#open;
    const tables = new OutboxTables(dataSource);
    const relay = this.#background(() => new OutboxRelay(tables, this.#end));
    // TypeORM tells everybody who is in this list of what happens to transactions.
    dataSource.subscribers.push({ afterTransactionCommit: () => this.#background(() => relay.poke()) });
    return (this.#open = { tables, relay });
  }

  async #make(tables: OutboxTables): Promise<void> {
    if (this.#made.has(tables.dataSource)) return;
    const making = (this.#making ??= this.#background(() => tables.make()));
    try {
      await making;
      this.#made.add(tables.dataSource);
    } finally {
      if (this.#making === making) this.#making = undefined;
    }
  }

  #warn(error: unknown): void {
    if (!this.#isClosed) this.#end.warn('Whether transactions have published something is not known', error);
  }
}
