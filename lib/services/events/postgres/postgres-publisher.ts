import { createHash } from 'node:crypto';
import { withDeadline } from '../../../util/deadline.js';
import { pause } from '../../../util/pause.js';
import type { BackplaneError } from '../../../errors/backplane-error.js';
import type { EventRecord, Publication } from '../event-transport.js';
import { invalidEvent, unreachable } from '../events-errors.js';
import type { PostgresConnection } from './postgres-connection.js';

interface Waiting {
  readonly events: readonly EventRecord[];
  /** By `performance.now()`. */
  readonly deadline: number;
  readonly resolve: (publications: readonly Publication[]) => void;
}

const published: Publication = { status: 'fulfilled', value: undefined };

const largestBatch = 500;
/** In bytes of payload, but for a single call that has more. */
const heaviestBatch = 4 * 1024 * 1024;
/** How many locks there are for keys. */
const buckets = 1_024;

/** Writes events in the order in which they come, those that come while others are being written in one transaction. */
export class PostgresPublisher {
  readonly #connection: PostgresConnection;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  publish(events: readonly EventRecord[]): Promise<readonly Publication[]> {
    const deadline = performance.now() + this.#connection.settings.publishTimeout;
    return new Promise(resolve => {
      this.#waiting.push({ events, deadline, resolve });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) await this.#writeSome();
    this.#isWriting = false;
  }

  async #writeSome(): Promise<void> {
    const some = this.#take();
    const events = some.flatMap(one => one.events);
    const publications = await this.#publish(events, some[0]!.deadline);
    const now = this.#connection.closing.aborted ? Infinity : performance.now();
    const again: Waiting[] = [];
    let index = 0;
    for (const one of some) {
      const own = publications.slice(index, (index += one.events.length));
      if (one.deadline > now && own.some(isOfServer)) again.push(one);
      else one.resolve(own);
    }
    this.#waiting.unshift(...again);
  }

  /** What PostgreSQL would never take is found, and the others go on without it. */
  async #publish(events: readonly EventRecord[], deadline: number): Promise<readonly Publication[]> {
    try {
      await this.#insist(events, deadline);
      return events.map(() => published);
    } catch (error) {
      if (!isRefusal(error)) return events.map(() => rejected(unreachable('PostgreSQL', error)));
      if (events.length === 1) return [rejected(refused(events[0]!, error))];
      const middle = Math.ceil(events.length / 2);
      const first = await this.#publish(events.slice(0, middle), deadline);
      const failure = first.find(isOfServer);
      // What is behind them waits for whoever publishes them again.
      const rest = events.slice(middle);
      return [...first, ...(failure ? rest.map(() => failure) : await this.#publish(rest, deadline))];
    }
  }

  /** What may have been written although nobody has said so is written again: it has an id. */
  async #insist(events: readonly EventRecord[], deadline: number): Promise<void> {
    const { closing } = this.#connection;
    const left = (): number => Math.max(0, deadline - performance.now());
    let failure: unknown;
    for (let wait = 50; ; wait = Math.min(1_000, wait * 2)) {
      try {
        return await withDeadline(left(), () => this.#write(events));
      } catch (error) {
        if (isRefusal(error)) throw error;
        failure ??= error;
        if (!closing.aborted) await pause(Math.min(wait, left()), closing);
        if (closing.aborted || left() === 0) throw failure;
      }
    }
  }

  #take(): Waiting[] {
    let weight = 0;
    let count = 0;
    const end = this.#waiting.findIndex(({ events }, index) => {
      count += events.length;
      weight += events.reduce((sum, { payload }) => sum + payload.length, 0);
      return index > 0 && (count > largestBatch || weight > heaviestBatch);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #write(events: readonly EventRecord[]): Promise<void> {
    const { schema } = this.#connection.settings;
    const locks = [...new Set(events.flatMap(event => bucketOf(event)))].toSorted((a, b) => a - b);
    const topics = [...new Set(events.map(({ topic }) => topic))];
    await this.#connection.transaction(async client => {
      // Of one key, what gets the lower number is seen first: whoever gets a number holds up the next until it commits.
      if (locks.length > 0) {
        await client.query(`SELECT pg_advisory_xact_lock(hashtext($1), bucket) FROM unnest($2::int[]) AS bucket`, [
          schema,
          locks,
        ]);
      }
      await client.query(insertInto(schema), this.#connection.rows.columnsOf(events));
      // Who listens looks for itself: a notification carries 8,000 bytes at most.
      await client.query('SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic', [schema, topics]);
    });
  }
}

function insertInto(schema: string): string {
  return `WITH stored AS (
      INSERT INTO ${schema}.events (id, topic, source, is_private, key, payload, metadata, published_at)
      SELECT id, topic, source, is_private, key, payload, metadata, published_at
      FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::float8[])
        WITH ORDINALITY AS given (id, topic, source, is_private, key, payload, metadata, published_at, n)
      ORDER BY n
      ON CONFLICT (id) DO NOTHING
      RETURNING seq, topic, source, is_private, key)
    INSERT INTO ${schema}.deliveries (group_id, seq, key)
    SELECT g.id, s.seq, s.key FROM stored s
    JOIN ${schema}.groups g ON g.topic = s.topic AND (NOT s.is_private OR g.plugin_id = s.source)
    ON CONFLICT DO NOTHING`;
}

function bucketOf({ topic, key }: EventRecord): number[] {
  if (key === undefined) return [];
  return [createHash('sha1').update(`${topic}\n${key}`).digest().readUInt32BE() % buckets];
}

/** Whether it is about the events, and the same whenever they are written: their values, or how large they are. */
function isRefusal(error: unknown): boolean {
  return /^(?:22|54)\w{3}$/.test(String((error as { code?: unknown } | undefined)?.code));
}

function refused({ topic }: EventRecord, cause: unknown): Error {
  return invalidEvent(topic, 'cannot be stored by PostgreSQL', 'see to the error below.', cause);
}

function rejected(reason: unknown): Publication {
  return { status: 'rejected', reason };
}

/** Whether it would be published once the server answers. */
function isOfServer(publication: Publication): boolean {
  const { status } = publication;
  return status === 'rejected' && (publication.reason as BackplaneError).code === 'EVENTS_UNREACHABLE';
}
