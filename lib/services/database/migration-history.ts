import type { DataSource, QueryRunner } from 'typeorm';

/** In the database, or schema, of each plugin: which migrations it has had. */
const table = 'backplane_migrations';

export interface AppliedMigration {
  /** `plugin`, or `module:` and its id. */
  readonly owner: string;
  readonly name: string;
}

/** Which migrations a database has had, and whose they were. */
export class MigrationHistory {
  readonly #runner: QueryRunner;
  readonly #table: string;
  readonly #parameters: readonly string[];

  constructor(dataSource: DataSource, runner: QueryRunner) {
    const { driver } = dataSource;
    this.#runner = runner;
    this.#table = driver.escape(table);
    this.#parameters = [0, 1, 2].map(index => driver.createParameter(`p${index}`, index));
  }

  async prepare(): Promise<void> {
    await this.#runner.query(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (owner varchar(255) NOT NULL, name varchar(255) NOT NULL, applied_at varchar(32) NOT NULL, PRIMARY KEY (owner, name))`,
    );
  }

  async applied(): Promise<readonly AppliedMigration[]> {
    return (await this.#runner.query(`SELECT owner, name FROM ${this.#table}`)) as AppliedMigration[];
  }

  async has({ owner, name }: AppliedMigration): Promise<boolean> {
    return (await this.applied()).some(row => row.owner === owner && row.name === name);
  }

  async add({ owner, name }: AppliedMigration): Promise<void> {
    await this.#runner.query(
      `INSERT INTO ${this.#table} (owner, name, applied_at) VALUES (${this.#parameters.join(', ')})`,
      [owner, name, new Date().toISOString()],
    );
  }
}
