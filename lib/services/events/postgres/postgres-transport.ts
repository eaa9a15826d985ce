import type {
  ConsumerGroup,
  Consumption,
  DeadRecord,
  Deliver,
  EventRecord,
  EventTransport,
  Publication,
  TransportSurroundings,
} from '../event-transport.js';
import { lossMessages } from '../loss-reason.js';
import { loadPg, type Pg } from './load-pg.js';
import { cleanUp } from './postgres-cleanup.js';
import { PostgresConnection } from './postgres-connection.js';
import { PostgresConsumption } from './postgres-consumption.js';
import type { PostgresEventSettings } from './postgres-event-settings.js';
import { PostgresGroup } from './postgres-group.js';
import { PostgresListener } from './postgres-listener.js';
import { PostgresPublisher } from './postgres-publisher.js';

const longestCleanupInterval = 60_000;

/** Rejects with `MISSING_EVENTS_PACKAGE`; a server that is away is waited for later. */
export async function openPostgresTransport(
  settings: PostgresEventSettings,
  surroundings: TransportSurroundings,
): Promise<EventTransport> {
  return new PostgresTransport(await loadPg(), settings, surroundings);
}

/**
 * Carries events through tables of PostgreSQL. What is published is written once for each group that is known; members
 * take it under a lease, and remove it once it is handled. Who publishes says so to all who listen, and who has not heard
 * it looks from time to time.
 */
class PostgresTransport implements EventTransport {
  readonly #connection: PostgresConnection;
  readonly #publisher: PostgresPublisher;
  readonly #listener: PostgresListener;
  readonly #surroundings: TransportSurroundings;
  readonly #groups = new Map<string, PostgresGroup>();
  readonly #consumptions = new Set<PostgresConsumption>();
  readonly #timers: readonly NodeJS.Timeout[];
  /** When this member began, by the server's clock. */
  #since: Promise<Date> | undefined;

  constructor(pg: Pg, settings: PostgresEventSettings, surroundings: TransportSurroundings) {
    this.#surroundings = surroundings;
    this.#connection = new PostgresConnection(pg, settings, surroundings.logger);
    this.#publisher = new PostgresPublisher(this.#connection);
    this.#listener = new PostgresListener(pg, this.#connection, {
      onPublished: topic => this.#poke(topic),
      onListening: () => {
        // Nobody knows what was missed.
        this.#poke(undefined);
        this.#keepGroups().catch(() => {});
      },
    });
    const { lease, pollInterval } = settings;
    this.#timers = [
      every(pollInterval, () => this.#look()),
      every(lease / 3, () => Promise.all([...this.#consumptions].map(consumption => consumption.hold()))),
      every(Math.min(longestCleanupInterval, Math.max(500, settings.retention / 2)), () => this.#cleanUp()),
    ];
    this.#begin().catch(() => {});
  }

  async publish(events: readonly EventRecord[]): Promise<readonly Publication[]> {
    return this.#surroundings.background(() => this.#publisher.publish(events));
  }

  async declare(group: ConsumerGroup): Promise<void> {
    const isEarly = this.#surroundings.isStarting();
    const since = isEarly ? await this.#begin() : undefined;
    const declared = await PostgresGroup.declare(group, this.#connection, since);
    this.#groups.set(keyOf(group), declared);
  }

  consume(group: ConsumerGroup, deliver: Deliver): Consumption {
    return this.#surroundings.background(() => {
      const declared = this.#groupOf(group);
      const consumption = new PostgresConsumption(declared, deliver, this.#connection);
      this.#consumptions.add(consumption);
      return {
        close: async () => {
          await consumption.close();
          this.#consumptions.delete(consumption);
        },
      };
    });
  }

  async deadLetters(group: ConsumerGroup, limit: number): Promise<readonly DeadRecord[]> {
    return this.#groupOf(group).deadLetters(limit);
  }

  async redeliver(group: ConsumerGroup, eventIds: readonly string[] | undefined): Promise<number> {
    return this.#groupOf(group).redeliver(eventIds);
  }

  async check(): Promise<void> {
    await this.#connection.query('SELECT 1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#connection[Symbol.asyncDispose](), this.#listener[Symbol.asyncDispose]()]);
  }

  #begin(): Promise<Date> {
    const begun = (this.#since ??= this.#connection
      .query<{ now: Date }>('SELECT now() AS now')
      .then(([row]) => row!.now));
    // Who asks again tries again.
    begun.catch(() => (this.#since = undefined));
    return begun;
  }

  #poke(topic: string | undefined): void {
    for (const consumption of this.#consumptions) {
      if (topic === undefined || consumption.group.group.topic === topic) consumption.poke();
    }
  }

  /** Finds what nobody has told of: what was given up by others, and what was published while nobody listened. */
  async #look(): Promise<void> {
    const consumptions = [...this.#consumptions];
    if (consumptions.length === 0) return;
    const { schema } = this.#connection.settings;
    const found = await this.#connection.query<{ id: string }>(
      `SELECT id FROM unnest($1::bigint[]) AS id WHERE EXISTS (
         SELECT 1 FROM ${schema}.deliveries d WHERE d.group_id = id AND NOT d.is_dead AND d.due_at <= now())`,
      [consumptions.map(({ group }) => group.id)],
    );
    const ids = new Set(found.map(({ id }) => id));
    for (const consumption of consumptions) if (ids.has(consumption.group.id)) consumption.poke();
  }

  /** Says that the groups of this process are still wanted; one that was forgotten while it was cut off begins anew. */
  async #keepGroups(): Promise<void> {
    const groups = [...this.#groups.values()];
    const { schema } = this.#connection.settings;
    const kept = await this.#connection.query<{ id: string }>(
      `UPDATE ${schema}.groups SET seen_at = now() WHERE id = ANY($1::bigint[]) RETURNING id`,
      [groups.map(({ id }) => id)],
    );
    const ids = new Set(kept.map(({ id }) => id));
    for (const declared of groups.filter(({ id }) => !ids.has(id))) {
      await declared.declareAgain();
      const { name, topic } = declared.group;
      const message =
        'A consumer group was forgotten while this backend was cut off: what was published meanwhile does not reach it';
      this.#surroundings.logger.warn(message, { group: name, topic });
    }
  }

  async #cleanUp(): Promise<void> {
    await this.#keepGroups();
    const { losses, forgotten } = await cleanUp(this.#connection);
    for (const { groupId, name, topic, count, why } of losses) {
      const own = [...this.#groups.values()].find(({ id }) => id === groupId);
      if (own) own.group.lost(count, why);
      else this.#surroundings.logger.warn(lossMessages[why], { group: name, topic, count });
    }
    for (const { name, topic } of forgotten) {
      const message =
        'A consumer group that nobody has declared for a long time is forgotten: no events are kept for it';
      this.#surroundings.logger.warn(message, { group: name, topic });
    }
  }

  #groupOf(group: ConsumerGroup): PostgresGroup {
    return this.#groups.get(keyOf(group))!;
  }
}

function keyOf({ topic, name }: ConsumerGroup): string {
  return `${topic} ${name}`;
}

/** What fails is tried again the next time; who publishes or is published to hears of it. */
function every(ms: number, work: () => Promise<unknown>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => {}), ms * (0.9 + Math.random() * 0.1)).unref();
}
