/** A database server that tests may use: the one that the environment names, or else that at its standard local port. */
export interface TestServer {
  /** For people. */
  readonly name: string;
  /** The variable of the environment. */
  readonly variable: string;
  readonly standard: string;
}

export const testServers = {
  postgres: {
    name: 'PostgreSQL',
    variable: 'BACKPLANE_TEST_POSTGRES',
    standard: 'postgres://postgres@127.0.0.1:5432/postgres',
  },
  mysql: { name: 'MySQL', variable: 'BACKPLANE_TEST_MYSQL', standard: 'mysql://root@127.0.0.1:3306' },
} as const satisfies Record<string, TestServer>;

export function addressOf({ variable, standard }: TestServer): URL {
  return new URL(process.env[variable] ?? standard);
}

/** The connection of an administrator. */
export interface Administrator {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  end(): Promise<void>;
}

/** How long a server may take to let somebody in, in ms. */
const timeout = 5_000;

/** Rejects where the server does not answer, lets nobody in, or its driver is not installed. */
export async function connectPostgres(): Promise<Administrator> {
  // @ts-expect-error -- it has no types
  const { Pool } = (await import('pg')).default as { Pool: new (options: object) => PostgresPool };
  const pool = new Pool({
    connectionString: addressOf(testServers.postgres).href,
    max: 1,
    connectionTimeoutMillis: timeout,
  });
  pool.on('error', () => {});
  const admin: Administrator = {
    query: async (sql, values) => (await pool.query(sql, values)).rows,
    end: () => pool.end(),
  };
  return greeted(admin);
}

interface PostgresPool {
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

/** Rejects as `connectPostgres` does. */
export async function connectMysql(): Promise<Administrator> {
  const { createPool } = (await import('mysql2/promise')).default;
  const { hostname, port, username, password } = addressOf(testServers.mysql);
  const pool = createPool({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectionLimit: 1,
    connectTimeout: timeout,
    stringifyObjects: true,
  });
  return greeted({
    query: async (sql, values = []) => (await pool.query(sql, [...values]))[0] as Record<string, unknown>[],
    end: () => pool.end(),
  });
}

async function greeted(admin: Administrator): Promise<Administrator> {
  try {
    await admin.query('SELECT 1');
    return admin;
  } catch (error) {
    await admin.end();
    throw error;
  }
}
