/** How many events are looked at in the order in which they were published, before keys are looked at one by one. */
const window = 500;

/**
 * What a take may look at: `window` is the oldest events, first come, first served; where those wait for one another,
 * `lanes` is what each key stands at, from key to key, and `singles` the events without one. So none costs more where
 * more events wait.
 */
export type TakeKind = 'window' | 'lanes' | 'singles';

/**
 * The statement that takes up to `$2` events of group `$1` under holder `$4` for `$3` ms; `lanes` begins after key `$5`.
 * It gives one row at least, which says whether the window had no room for all that wait. An event that somebody has
 * deleted has no id.
 */
export function takeStatement(kind: TakeKind, schema: string, columns: string): string {
  return `WITH RECURSIVE ${sources[kind](`${schema}.deliveries`)},
    taken AS (
      UPDATE ${schema}.deliveries d
      SET due_at = now() + $3::float8 * interval '1 millisecond', attempt = d.attempt + 1, holder = $4
      FROM next WHERE d.group_id = $1 AND d.seq = next.seq
      RETURNING d.seq, d.attempt)
    SELECT ${kind === 'window' ? `(SELECT count(*) = ${window} FROM seen)` : 'false'} AS is_full,
      max(e.key) OVER () AS last_key, t.seq, t.attempt, ${columns}
    FROM (SELECT) one LEFT JOIN (taken t LEFT JOIN ${schema}.events e ON e.seq = t.seq) ON true ORDER BY t.seq`;
}

const sources: Readonly<Record<TakeKind, (deliveries: string) => string>> = {
  window: deliveries => `
    seen AS MATERIALIZED (
      SELECT seq FROM ${deliveries} WHERE group_id = $1 AND NOT is_dead ORDER BY seq LIMIT ${window}),
    next AS (
      SELECT d.seq FROM ${deliveries} d
      WHERE d.group_id = $1 AND d.seq <= (SELECT max(seq) FROM seen) AND NOT d.is_dead AND d.due_at <= now()
        AND (d.key IS NULL OR d.seq = ${standsAt(deliveries, 'd.key')})
      ORDER BY d.seq LIMIT $2
      FOR UPDATE SKIP LOCKED)`,
  // One step of the index for each key, however many events it has; no more keys than are needed.
  lanes: deliveries => `
    keys AS (
      (SELECT key FROM ${deliveries}
       WHERE group_id = $1 AND key IS NOT NULL AND ($5::text IS NULL OR key > $5) AND NOT is_dead
       ORDER BY key LIMIT 1)
      UNION ALL
      SELECT (SELECT o.key FROM ${deliveries} o WHERE o.group_id = $1 AND o.key > k.key AND NOT o.is_dead
        ORDER BY o.key LIMIT 1)
      FROM keys k WHERE k.key IS NOT NULL),
    next AS (
      SELECT d.seq FROM keys k JOIN ${deliveries} d ON d.group_id = $1 AND d.seq = ${standsAt(deliveries, 'k.key')}
      WHERE NOT d.is_dead AND d.due_at <= now()
      LIMIT $2
      FOR UPDATE OF d SKIP LOCKED)`,
  singles: deliveries => `
    next AS (
      SELECT d.seq FROM ${deliveries} d
      WHERE d.group_id = $1 AND d.key IS NULL AND NOT d.is_dead AND d.due_at <= now()
      ORDER BY d.seq LIMIT $2
      FOR UPDATE SKIP LOCKED)`,
};

/**
 * The event of a key that is to be taken next: the one that a member has, once its lease is over, or else the first. Were
 * the key compared for equality, it could be looked for by number, among the events of all others.
 */
function standsAt(deliveries: string, key: string): string {
  return `coalesce(
      (SELECT o.seq FROM ${deliveries} o WHERE o.group_id = $1 AND o.key = ${key} AND o.holder IS NOT NULL),
      (SELECT o.seq FROM ${deliveries} o
       WHERE o.group_id = $1 AND o.key IS NOT NULL AND (o.key, o.seq) >= (${key}, 0) AND NOT o.is_dead
       ORDER BY o.key, o.seq LIMIT 1))`;
}
