import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Topic } from '../../contract/define-topic.js';
import { standardOf } from '../../contract/json-schema-of.js';
import { invalidEvent } from './events-errors.js';

type Result = StandardSchemaV1.Result<unknown>;

/**
 * The payload as JSON text: what the schema makes of it. Throws, or rejects with, `INVALID_EVENT` where it does not fit,
 * is no JSON, or would not be taken by a subscriber. A promise only where the schema gives one.
 */
export function writePayload(topic: Topic, payload: unknown): string | Promise<string> {
  const written = then(checked(topic, payload), result => {
    const text = jsonOf(topic, valueOf(topic, result));
    // Schemas of dates and the like may give what they do not take.
    return then(checked(topic, JSON.parse(text)), again => {
      if (again.issues || jsonOf(topic, again.value) !== text) throw unstable(topic, again.issues);
      return text;
    });
  });
  return written;
}

/** A value of the reader's own, frozen in all its depth. Rejects with `INVALID_EVENT`. */
export async function readPayload(topic: Topic, text: string): Promise<unknown> {
  return deepFreeze(valueOf(topic, await checked(topic, parsed(topic, text))));
}

function parsed({ name }: Topic, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What JSON.parse() says quotes the payload, which may be secret.
    throw invalidEvent(name, 'is not JSON', 'correct it where it is kept; see to who else writes to the transport.');
  }
}

function checked(topic: Topic, value: unknown): Result | Promise<Result> {
  return standardOf(topic.payload)['~standard'].validate(value);
}

function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function valueOf({ name }: Topic, result: Result): unknown {
  if (!result.issues) return result.value;
  const details = described(result.issues);
  throw invalidEvent(name, `does not fit its schema: ${details}`, `publish what the schema of '${name}' takes.`);
}

function jsonOf({ name }: Topic, value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw invalidEvent(name, 'cannot be written as JSON', 'publish plain values without circles.', cause);
  }
  if (text !== undefined) return text;
  throw invalidEvent(name, 'cannot be written as JSON', 'publish a value, or null.');
}

function unstable({ name }: Topic, issues: readonly StandardSchemaV1.Issue[] | undefined): Error {
  const why = issues ? `: ${described(issues)}` : '';
  return invalidEvent(
    name,
    `is not taken any more once it is JSON${why}`,
    'let the schema take what it gives: text for a date, and no transformation that cannot be done twice.',
  );
}

/** As many as anybody will want to read. Values are not among them: they may be secret. */
function described(issues: readonly StandardSchemaV1.Issue[]): string {
  return issues
    .slice(0, 5)
    .map(({ path = [], message }) => `${pointerOf(path)}: ${message}`)
    .join('; ');
}

function pointerOf(path: NonNullable<StandardSchemaV1.Issue['path']>): string {
  const keys = path.map(step => String(typeof step === 'object' ? step.key : step));
  return keys.length > 0 ? keys.map(step => `/${step}`).join('') : '/';
}

/** Plain objects and lists; what a schema has made of a value, as a date, is the reader's alone anyway. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
  return value;
}
