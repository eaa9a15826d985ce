import type { DataSource, EntityManager } from 'typeorm';
import { asciiOf } from '../ascii-text.js';

const outbox = 'backplane_outbox';
const turns = 'backplane_outbox_turn';
const refused = 'backplane_outbox_refused';

export interface OutboxRow {
  readonly seq: number | string;
  /** An `EventRecord` as JSON; bytes only where somebody else has written them. */
  readonly event: string | Buffer;
}

type Family = 'sqlite' | 'mysql' | 'postgres';

const number: Record<Family, string> = {
  sqlite: 'integer PRIMARY KEY AUTOINCREMENT',
  mysql: 'bigint AUTO_INCREMENT PRIMARY KEY',
  postgres: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
};

/** In ms since 1970, by the clock of the database. */
const now: Record<Family, string> = {
  sqlite: `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`,
  mysql: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
  postgres: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)',
};

/** Somebody else was first. */
const alreadyThere = new Set<unknown>(['42P07', '23505', '42710']);

/**
 * Two tables in the database of a plugin: what is published in its transactions until it is handed over, and whose turn
 * it is to do that. A third one, made only when it is needed, has what the transport would never take.
 */
export class OutboxTables {
  readonly dataSource: DataSource;
  readonly #family: Family;
  readonly #outbox: string;
  readonly #turns: string;
  readonly #refused: string;

  constructor(dataSource: DataSource) {
    const { driver, options } = dataSource;
    this.dataSource = dataSource;
    const type: string = options.type;
    this.#family =
      type === 'mysql' || type === 'mariadb' ? 'mysql' : /^(?:postgres|cockroach)/.test(type) ? 'postgres' : 'sqlite';
    this.#outbox = driver.escape(outbox);
    this.#turns = driver.escape(turns);
    this.#refused = driver.escape(refused);
  }

  /** Where the tables are, as whoever looks after the database calls it. */
  get place(): string {
    const { database = ':memory:', schema } = this.dataSource.driver;
    return schema === undefined ? database : `${database}/${schema}`;
  }

  /** Whether the tables can be made within the transaction that needs them: elsewhere that would end it, or block. */
  get canBeMadeWithin(): boolean {
    return this.#family === 'sqlite';
  }

  async exist(): Promise<boolean> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await runner.hasTable(outbox);
    } finally {
      await runner.release();
    }
  }

  /** Where they are there nothing happens. */
  async make(manager: EntityManager = this.dataSource.manager): Promise<void> {
    await this.#create(
      [
        `${this.#outbox} (seq ${number[this.#family]}, event ${this.#text} NOT NULL)`,
        `${this.#turns} (id integer PRIMARY KEY, holder varchar(36) NOT NULL, ends_at bigint NOT NULL)`,
      ],
      manager,
    );
  }

  /** `event` is JSON. */
  async add(event: string, manager: EntityManager): Promise<void> {
    await manager.query(`INSERT INTO ${this.#outbox} (event) VALUES (${this.#parameters(1)})`, [asciiOf(event)]);
  }

  /** The first ones, in the order in which they were added. */
  async first(count: number): Promise<OutboxRow[]> {
    type Row = Omit<OutboxRow, 'event'> & { readonly event: string | ArrayBuffer | Uint8Array };
    const statement = `SELECT seq, event FROM ${this.#outbox} ORDER BY seq LIMIT ${count}`;
    const rows = await this.dataSource.query<Row[]>(statement);
    // SQLite keeps bytes among texts. Not all of them are UTF-8, so it is not asked for a text.
    return rows.map(({ seq, event }) => ({ seq, event: typeof event === 'string' ? event : bytesOf(event) }));
  }

  async remove(rows: readonly OutboxRow[]): Promise<void> {
    const list = this.#parameters(rows.length);
    await this.dataSource.query(
      `DELETE FROM ${this.#outbox} WHERE seq IN (${list})`,
      rows.map(({ seq }) => seq),
    );
  }

  /** Moves what would never be handed over out of the way. What was moved in part is moved again. */
  async setAside(row: OutboxRow, id: string, error: string): Promise<void> {
    const { dataSource } = this;
    const text = this.#text;
    const columns = `id varchar(64) PRIMARY KEY, event ${text} NOT NULL, error ${text} NOT NULL, refused_at bigint NOT NULL`;
    await this.#create([`${this.#refused} (${columns})`], dataSource.manager);
    // No transaction: on the only connection of SQLite it would be within that of somebody else.
    await dataSource.query(`DELETE FROM ${this.#refused} WHERE id = ${this.#parameters(1)}`, [id]);
    await dataSource.query(
      `INSERT INTO ${this.#refused} (id, event, error, refused_at) VALUES (${this.#parameters(3)}, ${now[this.#family]})`,
      [id, row.event, asciiOf(error)],
    );
    await this.remove([row]);
  }

  /** Whether it is the turn of `holder`, for so many ms from now: nobody else's turn it is then. */
  async takeTurn(holder: string, ms: number): Promise<boolean> {
    const { dataSource } = this;
    const [a, b] = [0, 1].map(index => dataSource.driver.createParameter(`p${index}`, index));
    const time = now[this.#family];
    const find = `SELECT holder FROM ${this.#turns} WHERE id = 1`;
    if ((await dataSource.query<unknown[]>(find)).length === 0) {
      // Whoever comes second finds it there.
      await dataSource
        .query(`INSERT INTO ${this.#turns} (id, holder, ends_at) VALUES (1, ${a}, 0)`, [holder])
        .catch(() => {});
    }
    await dataSource.query(
      `UPDATE ${this.#turns} SET holder = ${a}, ends_at = ${time} + ${ms}
       WHERE id = 1 AND (holder = ${b} OR ends_at < ${time})`,
      [holder, holder],
    );
    const [row] = await dataSource.query<{ holder: string }[]>(find);
    return row?.holder === holder;
  }

  async endTurn(holder: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${this.#turns} SET ends_at = 0 WHERE id = 1 AND holder = ${this.#parameters(1)}`,
      [holder],
    );
  }

  async #create(definitions: readonly string[], manager: EntityManager): Promise<void> {
    for (const definition of definitions) {
      try {
        await manager.query(`CREATE TABLE IF NOT EXISTS ${definition}`);
      } catch (error) {
        if (!alreadyThere.has((error as { code?: unknown }).code)) throw error;
      }
    }
  }

  /** Whatever the database is of: there may be any character in an event. */
  get #text(): string {
    return this.#family === 'mysql' ? 'longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' : 'text';
  }

  #parameters(count: number): string {
    const { driver } = this.dataSource;
    return Array.from({ length: count }, (_, index) => driver.createParameter(`p${index}`, index)).join(', ');
  }
}

/** As every driver of SQLite takes them back. */
function bytesOf(given: ArrayBuffer | Uint8Array): Buffer {
  return Buffer.from(given instanceof ArrayBuffer ? new Uint8Array(given) : given);
}
