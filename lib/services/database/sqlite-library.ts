import { missingPackage } from './database-errors.js';

/** What speaks to SQLite here, and how TypeORM is told. */
export type SqliteLibrary =
  | { readonly type: 'better-sqlite3'; readonly driver: unknown }
  /** Compiled to WebAssembly: in memory only. */
  | { readonly type: 'sqljs'; readonly driver: unknown };

/** What is installed to speak to SQLite, which is looked for once: Node looks for what is not there each time anew. */
export class SqliteLibraries {
  #native: Promise<unknown> | undefined;

  /** The first that is installed of better-sqlite3, libsql and sql.js; rejects with `MISSING_DATABASE_PACKAGE`. */
  async load(pluginId: string, inMemory: boolean): Promise<SqliteLibrary> {
    const native = await (this.#native ??= nativeLibrary());
    if (native) return { type: 'better-sqlite3', driver: native };
    const portable = inMemory ? await sqlJs() : undefined;
    if (!portable) throw missingPackage(pluginId, 'SQLite', inMemory ? ['libsql', 'sql.js'] : ['libsql']);
    return { type: 'sqljs', driver: portable };
  }
}

async function nativeLibrary(): Promise<unknown> {
  // @ts-expect-error -- it need not be installed
  const preferred = await loaded(() => import('better-sqlite3'));
  return preferred ?? (await loaded(() => import('libsql')));
}

/** What TypeORM takes as the driver of `sqljs`; `undefined` where it is not installed. */
export async function sqlJs(): Promise<unknown> {
  // @ts-expect-error -- it has no types
  const load = (await loaded(() => import('sql.js'))) as (() => Promise<unknown>) | undefined;
  return load?.();
}

/** Its default export; `undefined` where it is not installed. */
async function loaded(load: () => Promise<unknown>): Promise<unknown> {
  try {
    return ((await load()) as { default: unknown }).default;
  } catch (error) {
    // better-sqlite3 may be there without having been compiled.
    const { code } = error as { code?: unknown };
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
