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

export interface AppliedMigration {
  /** `plugin`, or `module:` and its id. */
  readonly owner: string;
  readonly name: string;
}

/** Which migrations a database has had, and whose they were. */
export class MigrationHistory {
  readonly #runner: QueryRunner;
  readonly #table: string;
  readonly #values: string;
  readonly #collation: string;

  constructor({ driver, options }: DataSource, runner: QueryRunner) {
    this.#runner = runner;
    this.#table = driver.escape(table);
    const parameters = [0, 1].map(index => driver.createParameter(`p${index}`, index));
    this.#values = [...parameters, now[options.type] ?? sqliteNow].join(', ');
    this.#collation = options.type === 'mysql' || options.type === 'mariadb' ? binary : '';
  }

  async prepare(): Promise<void> {
    await this.#runner.query(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (owner varchar(255) NOT NULL, name varchar(255) NOT NULL, applied_at varchar(32) NOT NULL, PRIMARY KEY (owner, name))${this.#collation}`,
    );
  }

  async applied(): Promise<readonly AppliedMigration[]> {
    return (await this.#runner.query(`SELECT owner, name FROM ${this.#table}`)) as AppliedMigration[];
  }

  async has({ owner, name }: AppliedMigration): Promise<boolean> {
    return (await this.applied()).some(row => row.owner === owner && row.name === name);
  }

  async add({ owner, name }: AppliedMigration): Promise<void> {
    const sql = `INSERT INTO ${this.#table} (owner, name, applied_at) VALUES (${this.#values})`;
    await this.#runner.query(sql, [owner, name]);
  }
}
