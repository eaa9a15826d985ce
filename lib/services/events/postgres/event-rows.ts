import type { EventRecord } from '../event-transport.js';

/** An event as a row; numbers of 64 bits are texts. */
export interface EventRow {
  readonly seq: string;
  readonly id: string;
  readonly topic: string;
  readonly source: string;
  readonly is_private: boolean;
  readonly key: string | null;
  readonly payload: string;
  readonly metadata: string;
  readonly published_at: number;
}

export const eventColumns = 'e.id, e.topic, e.source, e.is_private, e.key, e.payload, e.metadata, e.published_at';

export function recordOf(row: EventRow): EventRecord {
  const { id, topic, source, is_private: isPrivate, key, payload, metadata, published_at: publishedAt } = row;
  return {
    id,
    topic,
    source,
    isPrivate,
    ...(key !== null && { key }),
    payload,
    metadata: JSON.parse(metadata) as Record<string, string>,
    publishedAt,
  };
}

/** A list for each column, as `unnest()` takes them. */
export function columnsOf(events: readonly EventRecord[]): unknown[][] {
  return [
    events.map(({ id }) => id),
    events.map(({ topic }) => topic),
    events.map(({ source }) => source),
    events.map(({ isPrivate }) => isPrivate),
    events.map(({ key }) => key ?? null),
    events.map(({ payload }) => payload),
    events.map(({ metadata }) => JSON.stringify(metadata)),
    events.map(({ publishedAt }) => publishedAt),
  ];
}
