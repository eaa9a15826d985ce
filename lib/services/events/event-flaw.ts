import { isObject } from '../../util/is-object.js';
import type { EventRecord } from './event-transport.js';
import { isKey } from './sound-publication.js';

/**
 * What keeps a value from being an event, as `has no sound 'key' any more`; `undefined` where nothing does. It is said
 * without what is there, which may be secret.
 */
export function flawOf(value: unknown): string | undefined {
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
  metadata: isMetadata,
  publishedAt: value => typeof value === 'number' && !Number.isNaN(new Date(value).getTime()),
};

export function isTopicName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]{0,62}\.[a-z][a-z0-9-]{0,62}$/.test(value);
}

export function isMetadata(value: unknown): value is EventRecord['metadata'] {
  return isObject(value) && Object.values(value).every(isText);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
