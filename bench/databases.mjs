import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PostgresDatabase } from './postgres-database.mjs';
import { interleaved, spreadOf } from './rounds.mjs';

const host = fileURLToPath(new URL('servers/databases/host.mjs', import.meta.url));

const columns = [
  { id: 'memory', title: 'SQLite in memory', measure: () => millisecondsWith({}) },
  { id: 'files', title: 'SQLite in files', measure: inFiles },
  { id: 'postgres', title: 'PostgreSQL, a schema each', measure: inSchemas },
];

/** The time that each of 100 plugins takes to open its database and make its three tables. */
export const databases = {
  name: 'databases',
  title: 'Time to open the database of a plugin and make its three tables, with 100 plugins, ms each',
  columns,
  unit: 'ms',
  digits: 1,
  reference: null,
  // Noise only adds.
  statistic: 'min',

  async measure(_peers, rounds, report) {
    const possible = (await PostgresDatabase.isThere(report)) ? columns : columns.filter(({ id }) => id !== 'postgres');
    const results = await interleaved(possible, rounds, column => column.measure(), report);
    return [...results].map(([{ id }, values]) => ({ peer: 'backplane', column: id, ...spreadOf(values) }));
  },
};

/** How many connections 100 plugins have to one PostgreSQL when nothing goes on, and under load. */
export const connections = {
  name: 'connections',
  title: 'Connections of 100 plugins to PostgreSQL, a schema each',
  columns: [
    { id: 'idle', title: 'idle' },
    { id: 'loaded', title: 'loaded' },
  ],
  unit: 'connections',
  digits: 0,
  reference: null,

  async measure(_peers, rounds, report) {
    if (!(await PostgresDatabase.isThere(report))) return [];
    const measured = (await interleaved(['schemas'], rounds, countConnections, report)).get('schemas');
    return this.columns.map(({ id }) => ({
      peer: 'backplane',
      column: id,
      ...spreadOf(measured.map(counts => counts[id])),
    }));
  },
};

async function inFiles() {
  const directory = await mkdtemp(join(tmpdir(), 'backplane-bench-'));
  try {
    return await millisecondsWith({ connection: { directory } });
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function inSchemas() {
  return await PostgresDatabase.use(({ settings }) => millisecondsWith(settings));
}

async function millisecondsWith(settings) {
  return await withHost(settings, async (_child, { milliseconds }) => milliseconds);
}

/** `loaded` is the most that were there at a time while 500 rows were written at once. */
async function countConnections() {
  return await PostgresDatabase.use(database =>
    withHost(database.settings, async child => {
      // By then those that opening took have been idle for longer than the pool keeps them.
      await new Promise(resolve => setTimeout(resolve, 11_000));
      const idle = await database.connections();
      const over = new AbortController();
      const answer = next(child).finally(() => over.abort());
      child.send('load');
      let loaded = 0;
      while (!over.signal.aborted) loaded = Math.max(loaded, await database.connections());
      const { rows } = await answer;
      if (rows !== 500) throw new Error(`There are ${rows} rows instead of 500.`);
      return { idle, loaded };
    }),
  );
}

/** Runs `use` with a process that has opened its databases, and ends it. */
async function withHost(settings, use) {
  const env = { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error' };
  const child = fork(host, [JSON.stringify(settings)], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    return await use(child, await next(child));
  } finally {
    const gone = once(child, 'exit');
    if (child.kill('SIGKILL')) await gone;
  }
}

async function next(child) {
  const [message] = await once(child, 'message', { signal: AbortSignal.timeout(120_000) });
  return message;
}
