import { asciiOf } from '../ascii-text.js';
import { flawOf, isMetadata } from '../event-flaw.js';
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

/** Stands before a key that is written in base64. */
const mark = '=';

/**
 * What is written to the tables, and read from them. A database that is not in UTF-8 refuses characters that it does not
 * have, so it gets none but ASCII.
 */
export class EventRows {
  readonly #isUnicode: boolean;

  constructor(encoding: string) {
    this.#isUnicode = encoding === 'UTF8';
  }

  /** What a row holds, without metadata that cannot be read; with a `flaw` where somebody has changed it for the worse. */
  read(row: EventRow): { readonly event: EventRecord; readonly flaw?: string } {
    const { id, topic, source, is_private: isPrivate, key, payload, metadata, published_at: publishedAt } = row;
    const found = parsed(metadata);
    const about = {
      id,
      topic,
      source,
      isPrivate,
      ...(key !== null && { key: this.#readKey(key) }),
      payload,
      publishedAt,
    };
    const flaw = flawOf({ ...about, metadata: found });
    return { event: { ...about, metadata: isMetadata(found) ? found : {} }, ...(flaw !== undefined && { flaw }) };
  }

  /** A list for each column, as `unnest()` takes them. */
  columnsOf(events: readonly EventRecord[]): unknown[][] {
    return [
      events.map(({ id }) => id),
      events.map(({ topic }) => topic),
      events.map(({ source }) => source),
      events.map(({ isPrivate }) => isPrivate),
      events.map(({ key }) => (key === undefined ? null : this.#writeKey(key))),
      events.map(({ payload }) => this.#written(payload)),
      events.map(({ metadata }) => this.#written(JSON.stringify(metadata))),
      events.map(({ publishedAt }) => publishedAt),
    ];
  }

  /** A text for people: PostgreSQL has no NUL. */
  textOf(text: string): string {
    return this.#written(text.replaceAll('\0', '\u{FFFD}'));
  }

  #written(text: string): string {
    return this.#isUnicode ? text : asciiOf(text);
  }

  /** In base64, since an index takes no more than 2,704 bytes. */
  #writeKey(key: string): string {
    const isKept = this.#isUnicode || (/^[\x20-\x7e]+$/.test(key) && !key.startsWith(mark));
    return isKept ? key : `${mark}${Buffer.from(key).toString('base64')}`;
  }

  #readKey(written: string): string {
    const isKept = this.#isUnicode || !written.startsWith(mark);
    return isKept ? written : Buffer.from(written.slice(mark.length), 'base64').toString();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
