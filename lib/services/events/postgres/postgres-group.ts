import type { ConsumerGroup, DeadRecord, Delivery, Outcome } from '../event-transport.js';
import { eventColumns, type EventRow, recordOf } from './event-rows.js';
import type { PostgresConnection } from './postgres-connection.js';

export interface TakenDelivery extends Delivery {
  readonly seq: string;
}

/** A declared consumer group, as rows. */
export class PostgresGroup {
  readonly group: ConsumerGroup;
  readonly id: string;
  readonly #connection: PostgresConnection;
  /** Names this member; what it holds is its own until the lease is over. */
  readonly #holder: string;

  private constructor(group: ConsumerGroup, id: string, connection: PostgresConnection, holder: string) {
    this.group = group;
    this.id = id;
    this.#connection = connection;
    this.#holder = holder;
  }

  /** A group that is new gets what was published since `since` as well, a time of the server. */
  static async declare(
    group: ConsumerGroup,
    { connection, holder, since }: { connection: PostgresConnection; holder: string; since: Date | undefined },
  ): Promise<PostgresGroup> {
    const { schema } = connection.settings;
    const { name, topic, pluginId } = group;
    const id = await connection.transaction(async client => {
      const { rows } = await client.query<{ id: string; is_new: boolean }>(
        `INSERT INTO ${schema}.groups (name, topic, plugin_id) VALUES ($1, $2, $3)
         ON CONFLICT (topic, name) DO UPDATE SET seen_at = now() RETURNING id, xmax = 0 AS is_new`,
        [name, topic, pluginId],
      );
      const [row] = rows;
      if (row!.is_new && since) {
        await client.query(
          `INSERT INTO ${schema}.deliveries (group_id, seq, key)
           SELECT $1, seq, key FROM ${schema}.events
           WHERE topic = $2 AND stored_at >= $3 AND (NOT is_private OR source = $4) ON CONFLICT DO NOTHING`,
          [row!.id, topic, since, pluginId],
        );
      }
      return row!.id;
    });
    return new PostgresGroup(group, id, connection, holder);
  }

  /**
   * Takes up to `count` events that are due, first come first served, of each key the first only, and of a key of which
   * somebody is handling an event none.
   */
  async take(count: number): Promise<TakenDelivery[]> {
    const { schema, lease } = this.#connection.settings;
    const rows = await this.#connection.query<EventRow & { attempt: number }>(
      `WITH next AS (
         SELECT d.seq FROM ${schema}.deliveries d
         WHERE d.group_id = $1 AND NOT d.is_dead AND d.due_at <= now() AND (d.key IS NULL OR NOT EXISTS (
           SELECT 1 FROM ${schema}.deliveries o
           WHERE o.group_id = $1 AND o.key = d.key AND NOT o.is_dead
             AND (o.seq < d.seq OR o.seq > d.seq AND o.holder IS NOT NULL AND o.due_at > now())))
         ORDER BY d.seq LIMIT $2
         FOR UPDATE SKIP LOCKED),
       taken AS (
         UPDATE ${schema}.deliveries d
         SET due_at = now() + $3::float8 * interval '1 millisecond', attempt = d.attempt + 1, holder = $4
         FROM next WHERE d.group_id = $1 AND d.seq = next.seq
         RETURNING d.seq, d.attempt)
       SELECT e.seq, t.attempt, ${eventColumns} FROM taken t JOIN ${schema}.events e ON e.seq = t.seq ORDER BY e.seq`,
      [this.id, count, lease, this.#holder],
    );
    return rows.map(row => ({ seq: row.seq, attempt: row.attempt, event: recordOf(row) }));
  }

  /** Says that these are still being handled. */
  async hold(seqs: readonly string[]): Promise<void> {
    const { schema, lease } = this.#connection.settings;
    await this.#connection.query(
      `UPDATE ${schema}.deliveries SET due_at = now() + $4::float8 * interval '1 millisecond'
       WHERE group_id = $1 AND holder = $2 AND seq = ANY($3::bigint[]) AND NOT is_dead`,
      [this.id, this.#holder, seqs, lease],
    );
  }

  /** Keeps what has become of deliveries; of those that somebody else has got meanwhile, nothing. */
  async settle(outcomes: readonly (readonly [seq: string, outcome: Outcome])[]): Promise<void> {
    const { schema } = this.#connection.settings;
    const handled = outcomes.filter(([, { type }]) => type === 'handled').map(([seq]) => seq);
    const others = outcomes.filter(([, { type }]) => type !== 'handled');
    if (handled.length > 0) {
      await this.#connection.query(
        `DELETE FROM ${schema}.deliveries WHERE group_id = $1 AND holder = $2 AND seq = ANY($3::bigint[])`,
        [this.id, this.#holder, handled],
      );
    }
    if (others.length === 0) return;
    const result = others.map(([, outcome]) => outcome);
    await this.#connection.query(
      `UPDATE ${schema}.deliveries d SET
         due_at = now() + g.after * interval '1 millisecond', holder = NULL, is_dead = g.type = 'dead',
         died_at = CASE WHEN g.type = 'dead' THEN now() END,
         attempt = d.attempt - CASE WHEN g.type = 'released' THEN 1 ELSE 0 END, error = coalesce(g.error, d.error)
       FROM unnest($3::bigint[], $4::text[], $5::float8[], $6::text[]) AS g (seq, type, after, error)
       WHERE d.group_id = $1 AND d.holder = $2 AND d.seq = g.seq`,
      [
        this.id,
        this.#holder,
        others.map(([seq]) => seq),
        result.map(({ type }) => type),
        result.map(outcome => (outcome.type === 'retry' ? outcome.after : 0)),
        result.map(outcome => ('error' in outcome ? withoutNul(outcome.error) : null)),
      ],
    );
    if (result.some(({ type }) => type === 'released')) await this.tell();
  }

  async deadLetters(limit: number): Promise<DeadRecord[]> {
    const { schema } = this.#connection.settings;
    const rows = await this.#connection.query<EventRow & { attempt: number; error: string | null; died_at: Date }>(
      `SELECT e.seq, d.attempt, d.error, d.died_at, ${eventColumns}
       FROM ${schema}.deliveries d JOIN ${schema}.events e ON e.seq = d.seq
       WHERE d.group_id = $1 AND d.is_dead ORDER BY d.died_at, d.seq LIMIT $2`,
      [this.id, limit],
    );
    return rows.map(row => ({
      event: recordOf(row),
      attempts: row.attempt,
      error: row.error ?? '',
      diedAt: row.died_at.getTime(),
    }));
  }

  async redeliver(eventIds: readonly string[] | undefined): Promise<number> {
    const { schema } = this.#connection.settings;
    const rows = await this.#connection.query(
      `UPDATE ${schema}.deliveries d SET is_dead = false, died_at = NULL, attempt = 0, due_at = now(), holder = NULL
       FROM ${schema}.events e
       WHERE d.group_id = $1 AND d.is_dead AND e.seq = d.seq AND ($2::text[] IS NULL OR e.id = ANY($2)) RETURNING d.seq`,
      [this.id, eventIds ?? null],
    );
    if (rows.length > 0) await this.tell();
    return rows.length;
  }

  /** Lets every member look. */
  async tell(): Promise<void> {
    await this.#connection.query('SELECT pg_notify($1, $2)', [this.#connection.settings.schema, this.group.topic]);
  }
}

/** PostgreSQL has no such character. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}');
}
