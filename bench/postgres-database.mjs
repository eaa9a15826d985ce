import { randomBytes } from 'node:crypto';
import pg from 'pg';

const server = process.env.BACKPLANE_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** A database of a measurement's own on the server that the tests use as well. */
export class PostgresDatabase {
  #name = `backplane_bench_${randomBytes(6).toString('hex')}`;
  #admin = new pg.Pool({ connectionString: server, max: 1 });

  static async isThere(report) {
    const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 3_000 });
    try {
      await client.connect();
      return true;
    } catch {
      report('no PostgreSQL answers, and its figures are left out; BACKPLANE_TEST_POSTGRES names one');
      return false;
    } finally {
      await client.end();
    }
  }

  static async use(work) {
    const database = new PostgresDatabase();
    await database.#admin.query(`CREATE DATABASE ${database.#name}`);
    try {
      return await work(database);
    } finally {
      await database.#admin.query(`DROP DATABASE ${database.#name} WITH (FORCE)`);
      await database.#admin.end();
    }
  }

  get settings() {
    const connection = Object.assign(new URL(server), { pathname: `/${this.#name}` }).href;
    return { client: 'pg', pluginDivisionMode: 'schema', connection };
  }

  async connections() {
    const text = 'SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1';
    const { rows } = await this.#admin.query(text, [this.#name]);
    return rows[0].count;
  }
}
