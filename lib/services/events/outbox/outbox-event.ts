import { createHash } from 'node:crypto';
import type { EventRecord } from '../event-transport.js';
import { isKey } from '../sound-publication.js';
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
  const flaw = flawOf(value);
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

function flawOf(value: unknown): string | undefined {
  if (value === undefined) return 'is no JSON any more';
  if (!isObject(value)) return 'is no object any more';
  const wrong = Object.entries(fields).find(([name, isSound]) => !isSound(value[name]));
  return wrong && `has no sound '${wrong[0]}' any more`;
}

/** What every transport takes for granted. */
const fields: Readonly<Record<keyof EventRecord, (value: unknown) => boolean>> = {
  id: value => typeof value === 'string' && /^[\w-]{1,64}$/.test(value),
  topic: isTopicName,
  source: isText,
  isPrivate: value => typeof value === 'boolean',
  key: value => value === undefined || isKey(value),
  payload: isText,
  metadata: value => isObject(value) && Object.values(value).every(isText),
  publishedAt: value => typeof value === 'number',
};

function isTopicName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]{0,62}\.[a-z][a-z0-9-]{0,62}$/.test(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same whenever the row is set aside, and another one for each: a database may give a number twice. */
function idOf({ seq, event }: OutboxRow): string {
  return `row-${seq}-${createHash('sha256').update(event).digest('hex').slice(0, 16)}`;
}
