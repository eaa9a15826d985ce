import type { DataSource, QueryRunner } from 'typeorm';

export type Dialect = 'postgres' | 'mysql' | 'sqlite';

/** A piece of SQL with its values, which become parameters; a list becomes as many, and another piece is taken in. */
export interface Statement {
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
}

export interface Answer {
  readonly rows: readonly Record<string, unknown>[];
  /** How many rows it has changed, or found to be so already. */
  readonly affected: number;
}

/** @example sql`SELECT * FROM ${table} WHERE task_id IN (${ids})` */
export function sql(texts: TemplateStringsArray, ...values: unknown[]): Statement {
  return { texts, values };
}

/** Text that comes from nobody outside. */
export function raw(text: string): Statement {
  return { texts: [text], values: [] };
}

export function joined(pieces: readonly Statement[], separator: string): Statement {
  return { texts: ['', ...pieces.slice(1).map(() => separator), ''], values: pieces };
}

export function dialectOf({ options }: DataSource): Dialect {
  const { type } = options;
  if (type === 'postgres') return 'postgres';
  return type === 'mysql' || type === 'mariadb' ? 'mysql' : 'sqlite';
}

/** Runs a statement on `runner`, or by itself. */
export async function run(dataSource: DataSource, statement: Statement, runner?: QueryRunner): Promise<Answer> {
  const parameters: unknown[] = [];
  const text = rendered(statement, dialectOf(dataSource), parameters);
  const own = runner ?? dataSource.createQueryRunner();
  try {
    const { records = [], affected = 0 } = await own.query(text, parameters, true);
    return { rows: records as Record<string, unknown>[], affected };
  } finally {
    if (!runner) await own.release();
  }
}

function rendered({ texts, values }: Statement, dialect: Dialect, parameters: unknown[]): string {
  return texts.reduce((text, next, index) => text + placed(values[index - 1], dialect, parameters) + next);
}

function placed(value: unknown, dialect: Dialect, parameters: unknown[]): string {
  if (Array.isArray(value)) return value.map(one => placed(one, dialect, parameters)).join(', ');
  if (typeof value === 'object' && value !== null) return rendered(value as Statement, dialect, parameters);
  parameters.push(value ?? null);
  return dialect === 'postgres' ? `$${parameters.length}` : '?';
}
