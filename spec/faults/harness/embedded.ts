import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/** What needs no server, by its packages, of which the first that is there is used. */
const embedded: Readonly<Record<string, readonly string[]>> = {
  SQLite: ['better-sqlite3', 'libsql'],
  'SQLite in WebAssembly': ['sql.js'],
  PGlite: ['@electric-sql/pglite'],
};

/** One line for each: whether tests run on it, and with what. */
export function describeEmbedded(): string {
  const lines = Object.entries(embedded).map(([name, packages]) => {
    const found = packages.find(isInstalled);
    return found === undefined
      ? `${name}: not installed (${packages.join(' or ')}), and its tests are left out`
      : `${name}: tests run on ${found}`;
  });
  return [...lines, 'memory: tests of cache and events run on it'].join('\n');
}

function isInstalled(name: string): boolean {
  try {
    resolve(name);
    return true;
  } catch {
    return false;
  }
}
