import { checkOut, type Pool, type PooledClient } from './load-pg.js';

/** Raised with every change of the tables. */
const version = 3;

/** Says that somebody else was first. */
const alreadyThere = new Set<unknown>(['42P06', '42P07', '23505', '42710']);

/**
 * Makes the tables where they are not there: once, however many instances begin at the same time. Whoever may not make
 * anything can use what somebody else has made.
 */
export async function ensureSchema(pool: Pool, schema: string): Promise<void> {
  if (await isThere(pool, schema)) return;
  const { client, release } = await checkOut(pool);
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`backplane:events:${schema}`]);
    if (!(await isThere(client, schema))) for (const statement of statements(schema)) await client.query(statement);
    await client.query('COMMIT');
    release(true);
  } catch (error) {
    release(false);
    if (alreadyThere.has((error as { code?: unknown }).code)) return ensureSchema(pool, schema);
    throw error;
  }
}

async function isThere(queryable: Pool | PooledClient, schema: string): Promise<boolean> {
  const { rows } = await queryable.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [
    `${schema}.version_${version}`,
  ]);
  return rows[0]!.found;
}

/** Makes what is not there yet: an earlier version may have made the rest. */
function statements(schema: string): string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `CREATE TABLE IF NOT EXISTS ${schema}.events (
       seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       id text NOT NULL UNIQUE,
       topic text NOT NULL,
       source text NOT NULL,
       is_private boolean NOT NULL,
       key text,
       payload text NOT NULL,
       metadata text NOT NULL,
       published_at double precision NOT NULL,
       stored_at timestamptz NOT NULL DEFAULT now())`,
    `CREATE INDEX IF NOT EXISTS events_by_age ON ${schema}.events (stored_at)`,
    `CREATE TABLE IF NOT EXISTS ${schema}.groups (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       name text NOT NULL,
       topic text NOT NULL,
       plugin_id text NOT NULL,
       seen_at timestamptz NOT NULL DEFAULT now(),
       UNIQUE (topic, name))`,
    // What has been handled is not here any more.
    `CREATE TABLE IF NOT EXISTS ${schema}.deliveries (
       group_id bigint NOT NULL,
       seq bigint NOT NULL,
       key text,
       attempt integer NOT NULL DEFAULT 0,
       due_at timestamptz NOT NULL DEFAULT now(),
       holder text,
       is_dead boolean NOT NULL DEFAULT false,
       died_at timestamptz,
       error text,
       PRIMARY KEY (group_id, seq))`,
    `CREATE INDEX IF NOT EXISTS deliveries_by_key ON ${schema}.deliveries (group_id, key, seq) WHERE key IS NOT NULL AND NOT is_dead`,
    `CREATE INDEX IF NOT EXISTS deliveries_without_key ON ${schema}.deliveries (group_id, seq) WHERE key IS NULL AND NOT is_dead`,
    `CREATE INDEX IF NOT EXISTS deliveries_alive ON ${schema}.deliveries (group_id, seq) WHERE NOT is_dead`,
    `CREATE INDEX IF NOT EXISTS deliveries_due ON ${schema}.deliveries (group_id, due_at) WHERE NOT is_dead`,
    `CREATE INDEX IF NOT EXISTS deliveries_by_event ON ${schema}.deliveries (seq)`,
    `CREATE INDEX IF NOT EXISTS deliveries_dead ON ${schema}.deliveries (group_id, died_at) WHERE is_dead`,
    // Of a key one event at most is being handled, whatever members do at the same time. Version 1 could have more.
    `UPDATE ${schema}.deliveries d SET holder = NULL WHERE EXISTS (
       SELECT 1 FROM ${schema}.deliveries o
       WHERE o.group_id = d.group_id AND o.key = d.key AND o.seq < d.seq AND o.holder IS NOT NULL)`,
    `CREATE UNIQUE INDEX IF NOT EXISTS deliveries_held ON ${schema}.deliveries (group_id, key)
       WHERE holder IS NOT NULL AND key IS NOT NULL`,
    `CREATE TABLE ${schema}.version_${version} ()`,
  ];
}
