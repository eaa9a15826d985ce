import type { DataSource, QueryRunner } from 'typeorm';

/** In the database, or schema, of each plugin: which migrations it has had. */
const table = 'backplane_migrations';

/** The time of the database, which all instances share, as ISO 8601. */
const now: Readonly<Record<string, string>> = {
  postgres: `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  mysql: `DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%dT%H:%i:%s.%fZ')`,
  mariadb: `DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%dT%H:%i:%s.%fZ')`,
};
const sqliteNow = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`;

/** Names that differ in case alone are different names. */
const binary = ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

/** Stands for the time of a migration that cannot be undone, until it has come to its end. */
const begun = 'begun';

export interface KnownMigration {
  /** `plugin`, or `module:` and its id. */
  readonly owner: string;
  readonly name: string;
}

export interface AppliedMigration extends KnownMigration {
  /** It has not come to its end. */
  readonly isBegun: boolean;
}

/** Which migrations a database has had, and whose they were. */
export class MigrationHistory {
  readonly #runner: QueryRunner;
  readonly #table: string;
  readonly #parameters: readonly string[];
  readonly #now: string;
  readonly #collation: string;

  constructor({ driver, options }: DataSource, runner: QueryRunner) {
    this.#runner = runner;
    this.#table = driver.escape(table);
    this.#parameters = [0, 1].map(index => driver.createParameter(`p${index}`, index));
    this.#now = now[options.type] ?? sqliteNow;
    this.#collation = options.type === 'mysql' || options.type === 'mariadb' ? binary : '';
  }

  async prepare(): Promise<void> {
    await this.#runner.query(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (owner varchar(255) NOT NULL, name varchar(255) NOT NULL, applied_at varchar(32) NOT NULL, PRIMARY KEY (owner, name))${this.#collation}`,
    );
  }

  async applied(): Promise<readonly AppliedMigration[]> {
    const rows = await this.#runner.query(`SELECT owner, name, applied_at FROM ${this.#table}`);
    type Row = KnownMigration & { readonly applied_at: string };
    return (rows as readonly Row[]).map(({ owner, name, applied_at }) => ({
      owner,
      name,
      isBegun: applied_at === begun,
    }));
  }

  async stateOf({ owner, name }: KnownMigration): Promise<'absent' | 'begun' | 'applied'> {
    const row = (await this.applied()).find(one => one.owner === owner && one.name === name);
    return row ? (row.isBegun ? 'begun' : 'applied') : 'absent';
  }

  async add(migration: KnownMigration): Promise<void> {
    await this.#insert(migration, this.#now);
  }

  /** Remembers, for others as well, that the migration has begun; gives whether nobody else has begun it. */
  async begin(migration: KnownMigration): Promise<boolean> {
    try {
      await this.#insert(migration, `'${begun}'`);
      return true;
    } catch (error) {
      if ((await this.stateOf(migration)) === 'absent') throw error;
      return false;
    }
  }

  async finish(migration: KnownMigration): Promise<void> {
    await this.#change(`UPDATE ${this.#table} SET applied_at = ${this.#now}`, migration);
  }

  async forget(migration: KnownMigration): Promise<void> {
    await this.#change(`DELETE FROM ${this.#table}`, migration);
  }

  async #insert({ owner, name }: KnownMigration, at: string): Promise<void> {
    const values = [...this.#parameters, at].join(', ');
    await this.#runner.query(`INSERT INTO ${this.#table} (owner, name, applied_at) VALUES (${values})`, [owner, name]);
  }

  async #change(statement: string, { owner, name }: KnownMigration): Promise<void> {
    const [first, second] = this.#parameters;
    await this.#runner.query(`${statement} WHERE owner = ${first} AND name = ${second}`, [owner, name]);
  }
}
