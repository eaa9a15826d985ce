import { createHash } from 'node:crypto';
import { flawOf, isTopicName } from '../event-flaw.js';
import type { EventRecord } from '../event-transport.js';
import type { OutboxRow } from './outbox-tables.js';

/** What is told of an event that is set aside. */
export interface RefusedEvent {
  /** By which it is kept. */
  readonly id: string;
  /** Absent where its row does not say. */
  readonly topic?: string;
  readonly key?: string;
}

/** A row that holds no event. */
export interface BrokenRow extends RefusedEvent {
  /** Completes `An event …`. */
  readonly flaw: string;
}

/**
 * The event that is in a row: as it was written, unless somebody has changed the table, or its text was cut. What is
 * wrong is said without what is there, which may be secret.
 */
export function readRow(row: OutboxRow): { readonly event: EventRecord } | { readonly broken: BrokenRow } {
  const text = String(row.event);
  const value = parsed(text);
  const flaw = value === undefined ? 'is no JSON any more' : flawOf(value);
  if (flaw === undefined) return { event: value as EventRecord };
  const topic = /"topic"\s*:\s*"([^"\\]+)"/.exec(text)?.[1];
  return { broken: { id: idOf(row), flaw, ...(isTopicName(topic) && { topic }) } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The same whenever the row is set aside, and another one for each: a database may give a number twice. */
function idOf({ seq, event }: OutboxRow): string {
  return `row-${seq}-${createHash('sha256').update(event).digest('hex').slice(0, 16)}`;
}
