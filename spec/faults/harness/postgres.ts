import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { urlOf } from './servers.js';

interface Admin {
  query(sql: string): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
}

// It has no types of its own.
const { Pool } = createRequire(import.meta.url)('pg') as { Pool: new (options: object) => Admin };
const server = urlOf('postgres');

/** A database, and names of others, that nobody else uses; all are dropped in the end. */
export class PostgresPlace implements AsyncDisposable {
  readonly name = `backplane_test_${randomBytes(6).toString('hex')}`;
  readonly #admin: Admin = new Pool({ connectionString: server.href, max: 1 });

  /** `encoding` is that of the database, as 'LATIN1'. */
  static async create(encoding = 'UTF8'): Promise<PostgresPlace> {
    const place = new PostgresPlace();
    await place.query(
      `CREATE DATABASE ${place.name} ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
    return place;
  }

  get url(): string {
    return Object.assign(new URL(server.href), { pathname: `/${this.name}` }).href;
  }

  /** A schema for each plugin in the one database. */
  get schemas(): JsonObject {
    return { client: 'pg', pluginDivisionMode: 'schema', connection: this.url };
  }

  /** A database for each plugin. */
  get databases(): JsonObject {
    return { client: 'pg', connection: this.url, prefix: `${this.name}_`, pool: { max: 4 } };
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.#admin.query(sql)).rows;
  }

  /** How many connections others have to the databases of this place. */
  async connections(): Promise<number> {
    const where = `datname LIKE '${this.name}%'`;
    const [row] = await this.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${where}`);
    return row!['n'] as number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A pool has ended a moment before its connections; of one that the server ends nobody would listen for the error.
    for (let looks = 0; looks < 20 && (await this.connections()) > 0; looks++) await sleep(50);
    const made = await this.query(`SELECT datname FROM pg_database WHERE datname LIKE '${this.name}%'`);
    for (const { datname } of made) await this.query(`DROP DATABASE "${String(datname)}" WITH (FORCE)`);
    await this.#admin.end();
  }
}
