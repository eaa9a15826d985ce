import { randomUUID } from 'node:crypto';
import type { ConsumerGroup, DeadRecord, Delivery, Outcome } from '../event-transport.js';
import { brokenEvent } from '../events-errors.js';
import { eventColumns, type EventRow } from './event-rows.js';
import type { PostgresConnection } from './postgres-connection.js';
import { takeStatement, type TakeKind } from './take-statements.js';

interface Held {
  readonly seq: string;
  /** Another one each time that it is taken: what became of it earlier changes nothing any more. */
  readonly holder: string;
}

export interface TakenDelivery extends Delivery, Held {}

/** One of the unique index of what is held, or a deadlock between such. */
const overtaken = new Set<unknown>(['23505', '40P01']);

/** A declared consumer group, as rows. */
export class PostgresGroup {
  readonly group: ConsumerGroup;
  readonly #connection: PostgresConnection;
  #id!: string;
  /** Where to look when those that came first wait; what was looked at last comes first the next time. */
  readonly #others: TakeKind[] = ['lanes', 'singles'];
  #lastKey: string | null = null;

  private constructor(group: ConsumerGroup, connection: PostgresConnection) {
    this.group = group;
    this.#connection = connection;
  }

  /** A group that is new gets what was published since `since` as well, a time of the server. */
  static async declare(
    group: ConsumerGroup,
    connection: PostgresConnection,
    since: Date | undefined,
  ): Promise<PostgresGroup> {
    const declared = new PostgresGroup(group, connection);
    await declared.#declare(since);
    return declared;
  }

  get id(): string {
    return this.#id;
  }

  /** Makes a group known that the server has forgotten; it begins anew. */
  async declareAgain(): Promise<void> {
    await this.#declare(undefined);
  }

  /**
   * Takes up to `count` events that are due, of each key the first only, and of a key of which somebody is handling an
   * event none. They are taken first come, first served, as long as those that came first do not all wait.
   */
  async take(count: number): Promise<TakenDelivery[]> {
    const { taken, isFull } = await this.#take('window', count);
    if (taken.length === count || !isFull) return taken;
    this.#others.reverse();
    for (const kind of this.#others) {
      if (taken.length < count) taken.push(...(await this.#take(kind, count - taken.length)).taken);
    }
    return taken;
  }

  async #take(kind: TakeKind, count: number): Promise<{ taken: TakenDelivery[]; isFull: boolean }> {
    for (;;) {
      try {
        return await this.#tryTake(kind, count);
      } catch (error) {
        // Others have taken one of the same key meanwhile; now that is seen.
        if (!overtaken.has((error as { code?: unknown }).code)) throw error;
      }
    }
  }

  async #tryTake(kind: TakeKind, count: number): Promise<{ taken: TakenDelivery[]; isFull: boolean }> {
    const { schema, lease } = this.#connection.settings;
    const holder = randomUUID();
    const values = [this.id, count, lease, holder];
    const found = await this.#connection.query<
      EventRow & { attempt: number; is_full: boolean; last_key: string | null }
    >(takeStatement(kind, schema, eventColumns), kind === 'lanes' ? [...values, this.#lastKey] : values);
    const rows = found.filter(({ seq }) => seq !== null);
    // All keys have their turn: after the last one it begins again.
    if (kind === 'lanes') this.#lastKey = rows.length < count ? null : rows[0]!.last_key;
    const deleted = rows.filter(({ id }) => id === null);
    if (deleted.length > 0) await this.#forget(deleted.map(({ seq }) => ({ seq, holder })));
    // Others of their keys can be taken now.
    if (deleted.length > 0 && deleted.length === rows.length) return this.#tryTake(kind, count);
    const taken = rows.filter(({ id }) => id !== null).map(row => this.#deliveryOf(row, holder));
    return { taken, isFull: found[0]!.is_full };
  }

  #deliveryOf(row: EventRow & { readonly attempt: number }, holder: string): TakenDelivery {
    const { seq, attempt } = row;
    const { event, flaw } = this.#connection.rows.read(row);
    const table = `${this.#connection.settings.schema}.events`;
    return {
      seq,
      holder,
      attempt,
      event,
      ...(flaw !== undefined && { flaw: brokenEvent(this.group.topic, flaw, table, seq) }),
    };
  }

  /** Somebody has deleted the events of these. */
  async #forget(deliveries: readonly Held[]): Promise<void> {
    const count = await this.#remove(deliveries);
    if (count > 0) this.group.lost(count, 'deleted');
  }

  /** Gives how many there were. */
  async #remove(deliveries: readonly Held[]): Promise<number> {
    const { schema } = this.#connection.settings;
    const rows = await this.#connection.query(
      `DELETE FROM ${schema}.deliveries d USING unnest($2::bigint[], $3::text[]) AS h (seq, holder)
       WHERE d.group_id = $1 AND d.seq = h.seq AND d.holder = h.holder RETURNING d.seq`,
      [this.id, ...columnsOf(deliveries)],
    );
    return rows.length;
  }

  /** Says that these are still being handled; gives those that are still this member's. */
  async hold(deliveries: readonly TakenDelivery[]): Promise<ReadonlySet<TakenDelivery>> {
    const { schema, lease } = this.#connection.settings;
    const held = await this.#connection.query<{ holder: string; seq: string }>(
      `UPDATE ${schema}.deliveries d SET due_at = now() + $4::float8 * interval '1 millisecond'
       FROM unnest($2::bigint[], $3::text[]) AS h (seq, holder)
       WHERE d.group_id = $1 AND d.seq = h.seq AND d.holder = h.holder RETURNING d.seq, d.holder`,
      [this.id, ...columnsOf(deliveries), lease],
    );
    const names = new Set(held.map(({ seq, holder }) => `${seq} ${holder}`));
    return new Set(deliveries.filter(({ seq, holder }) => names.has(`${seq} ${holder}`)));
  }

  /** Keeps what has become of deliveries; of those that somebody else has got meanwhile, nothing. */
  async settle(outcomes: readonly (readonly [taken: TakenDelivery, outcome: Outcome])[]): Promise<void> {
    const { schema } = this.#connection.settings;
    const handled = outcomes.filter(([, { type }]) => type === 'handled').map(([taken]) => taken);
    const others = outcomes.filter(([, { type }]) => type !== 'handled');
    if (handled.length > 0) await this.#remove(handled);
    if (others.length === 0) return;
    const result = others.map(([, outcome]) => outcome);
    await this.#connection.query(
      `UPDATE ${schema}.deliveries d SET
         due_at = now() + g.after * interval '1 millisecond', holder = NULL, is_dead = g.type = 'dead',
         died_at = CASE WHEN g.type = 'dead' THEN now() END,
         attempt = d.attempt - CASE WHEN g.type = 'released' THEN 1 ELSE 0 END, error = coalesce(g.error, d.error)
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::float8[], $6::text[]) AS g (seq, holder, type, after, error)
       WHERE d.group_id = $1 AND d.seq = g.seq AND d.holder = g.holder`,
      [
        this.id,
        ...columnsOf(others.map(([taken]) => taken)),
        result.map(({ type }) => type),
        result.map(outcome => (outcome.type === 'retry' ? outcome.after : 0)),
        result.map(outcome => ('error' in outcome ? this.#connection.rows.textOf(outcome.error) : null)),
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
      event: this.#connection.rows.read(row).event,
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
      // Nothing else is an id, and a database need not have its characters.
      [this.id, eventIds?.filter(id => /^[\x20-\x7e]+$/.test(id)) ?? null],
    );
    if (rows.length > 0) await this.tell();
    return rows.length;
  }

  /** Lets every member look. */
  async tell(): Promise<void> {
    await this.#connection.query('SELECT pg_notify($1, $2)', [this.#connection.settings.schema, this.group.topic]);
  }

  async #declare(since: Date | undefined): Promise<void> {
    const { schema } = this.#connection.settings;
    const { name, topic, pluginId } = this.group;
    this.#id = await this.#connection.transaction(async client => {
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
  }
}

function columnsOf(deliveries: readonly Held[]): [seqs: string[], holders: string[]] {
  return [deliveries.map(({ seq }) => seq), deliveries.map(({ holder }) => holder)];
}
