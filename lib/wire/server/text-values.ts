import { UnsupportedKeyword, resolved, type JsonType, type Shape } from './json-shape.js';

/** What a text cannot be turned into. */
export const unreadable = Symbol('unreadable');

/** Turns the texts that a request has for one name into what the schema says; `unreadable` where it cannot be. */
export type ReadTexts = (texts: string | readonly string[]) => unknown;

/** How texts are read that are to be of this shape. Throws `UnsupportedKeyword` for what no text can say. */
export function textReaderOf(shape: Shape): ReadTexts {
  const kinds = kindsOf(shape);
  const { items } = kinds;
  const one = scalarReader(kinds);
  const many = items && scalarReader(kindsOf(items));
  if (!one && !many) throw new UnsupportedKeyword('type: object');
  return texts => {
    if (typeof texts === 'string') return one ? one(texts) : listOf([texts], many!);
    if (texts.length === 1) return one ? one(texts[0]!) : listOf(texts, many!);
    // Which of two was meant nobody can say, and every program would say it differently.
    return many ? listOf(texts, many) : unreadable;
  };
}

/** Whether it is a list, of which a text may hold more than one. */
export function isList(shape: Shape): boolean {
  return kindsOf(shape).items !== undefined;
}

type ReadText = (text: string) => unknown;

interface Kinds {
  readonly types: Set<JsonType>;
  readonly values: unknown[];
  items: Shape | undefined;
}

function kindsOf(shape: Shape, kinds: Kinds = { types: new Set(), values: [], items: undefined }): Kinds {
  const found = resolved(shape);
  if (found.kind === 'any') kinds.types.add('string');
  if (found.kind === 'one') for (const branch of found.branches) kindsOf(branch, kinds);
  if (found.kind !== 'plain') return kinds;
  if (found.values) kinds.values.push(...found.values);
  else if (!found.types && !found.array) kinds.types.add('string');
  else for (const type of found.types ?? []) kinds.types.add(type);
  if (found.array || found.types?.includes('array')) kinds.items ??= found.array?.rest ?? { kind: 'any' };
  return kinds;
}

/** Tries the narrower types first: what may be a number or a text is a number where it reads as one. */
function scalarReader({ types, values }: Kinds): ReadText | undefined {
  const constants = new Map(values.map(value => [String(value), value]));
  const readers: ReadText[] = [];
  if (constants.size > 0) readers.push(text => (constants.has(text) ? constants.get(text) : unreadable));
  if (types.has('boolean')) readers.push(readBoolean);
  if (types.has('number')) readers.push(readNumber);
  else if (types.has('integer')) readers.push(readInteger);
  if (types.has('string')) readers.push(text => text);
  if (readers.length <= 1) return readers[0];
  return text => {
    for (const read of readers) {
      const value = read(text);
      if (value !== unreadable) return value;
    }
    return unreadable;
  };
}

function listOf(texts: readonly string[], read: ReadText): unknown {
  const values = texts.map(read);
  return values.includes(unreadable) ? unreadable : values;
}

function readBoolean(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : unreadable;
}

const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function readNumber(text: string): unknown {
  const value = decimal.test(text) ? Number(text) : Infinity;
  return Number.isFinite(value) ? value : unreadable;
}

function readInteger(text: string): unknown {
  const value = readNumber(text);
  return Number.isSafeInteger(value) ? value : unreadable;
}
