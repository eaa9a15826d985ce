import type { LossReason } from '../loss-reason.js';
import type { PostgresConnection } from './postgres-connection.js';

/** How long an event that all have handled is kept, so that it is known when it is published again. */
const remembered = '10 minutes';
const batch = 5_000;
/** After how many ms a group that nobody has declared is forgotten at the earliest: longer than any outage of a plugin. */
const forgetful = 30 * 86_400_000;

/** What was lost, of which group, and why. */
export interface Loss {
  readonly groupId: string;
  readonly name: string;
  readonly topic: string;
  readonly count: number;
  readonly why: LossReason;
}

/** What one run of `cleanUp()` has done that somebody has to be told of. */
export interface CleanedUp {
  readonly losses: readonly Loss[];
  /** Groups that are known no more, so that nothing is kept for them. */
  readonly forgotten: readonly { readonly name: string; readonly topic: string }[];
}

interface LostRow {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly count: string;
}

/** Removes what is too old, or too much; one instance at a time does. */
export async function cleanUp(connection: PostgresConnection): Promise<CleanedUp> {
  const { schema, retention, maxDeadLetters } = connection.settings;
  return connection.transaction(async client => {
    const { rows: locks } = await client.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine',
      [`backplane:events:${schema}:cleanup`],
    );
    if (!locks[0]!.mine) return { losses: [], forgotten: [] };
    const { rows: lost } = await client.query<LostRow & { is_dead: boolean }>(
      `WITH old AS (
         SELECT d.group_id, d.seq FROM ${schema}.deliveries d JOIN ${schema}.events e ON e.seq = d.seq
         WHERE e.stored_at < now() - $1::float8 * interval '1 millisecond' LIMIT ${batch}),
       gone AS (
         DELETE FROM ${schema}.deliveries d USING old WHERE d.group_id = old.group_id AND d.seq = old.seq
         RETURNING d.group_id, d.is_dead)
       SELECT g.id, g.name, g.topic, gone.is_dead, count(*) AS count
       FROM gone JOIN ${schema}.groups g ON g.id = gone.group_id GROUP BY g.id, gone.is_dead`,
      [retention],
    );
    const { rows: over } = await client.query<LostRow>(
      `WITH gone AS (
         DELETE FROM ${schema}.deliveries d USING (
           SELECT group_id, seq, row_number() OVER (PARTITION BY group_id ORDER BY died_at DESC, seq DESC) AS place
           FROM ${schema}.deliveries WHERE is_dead) o
         WHERE o.place > $1 AND d.group_id = o.group_id AND d.seq = o.seq AND d.is_dead RETURNING d.group_id)
       SELECT g.id, g.name, g.topic, count(*) AS count
       FROM gone JOIN ${schema}.groups g ON g.id = gone.group_id GROUP BY g.id`,
      [maxDeadLetters],
    );
    await client.query(
      `DELETE FROM ${schema}.events WHERE seq IN (
         SELECT e.seq FROM ${schema}.events e WHERE e.stored_at < now() - interval '${remembered}'
           AND NOT EXISTS (SELECT 1 FROM ${schema}.deliveries d WHERE d.seq = e.seq) ORDER BY e.seq LIMIT ${batch})`,
    );
    const { rows: forgotten } = await client.query<{ name: string; topic: string }>(
      `DELETE FROM ${schema}.groups g WHERE seen_at < now() - $1::float8 * interval '1 millisecond'
         AND NOT EXISTS (SELECT 1 FROM ${schema}.deliveries d WHERE d.group_id = g.id)
       RETURNING name, topic`,
      [Math.max(retention, forgetful)],
    );
    const losses = [
      ...lost.map(row => lossOf(row, row.is_dead ? 'dead-too-old' : 'too-old')),
      ...over.map(row => lossOf(row, 'dead-no-room')),
    ];
    return { losses, forgotten };
  });
}

function lossOf({ id, name, topic, count }: LostRow, why: LossReason): Loss {
  return { groupId: id, name, topic, count: Number(count), why };
}
