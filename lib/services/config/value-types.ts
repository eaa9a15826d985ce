import { parseDuration } from '../../util/duration.js';
import { toJson, type ConfigNode } from './config-node.js';

/** What a typed getter accepts. */
export interface ValueType<T> {
  /** With its article, as `a number`. */
  readonly name: string;
  readonly fix?: string;
  /** Whether an error shows what was written, unless that is a secret. */
  readonly isShown?: boolean;
  /** `undefined` for a value of another type. */
  read(node: ConfigNode): T | undefined;
}

export const stringType: ValueType<string> = {
  name: 'a non-empty string',
  fix: 'write a string there; numbers, dates, and true or false need quotes to be one.',
  read: node =>
    node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '' ? node.value : undefined,
};

export const numberType: ValueType<number> = {
  name: 'a number',
  read(node) {
    if (node.kind !== 'scalar' || typeof node.value === 'boolean' || node.value === null) return undefined;
    const number = typeof node.value === 'string' && node.value.trim() === '' ? Number.NaN : Number(node.value);
    return Number.isFinite(number) ? number : undefined;
  },
};

const truths = new Map<unknown, boolean>([
  ...['true', 'yes', 'y', 'on', '1', true, 1].map(word => [word, true] as const),
  ...['false', 'no', 'n', 'off', '0', false, 0].map(word => [word, false] as const),
]);

export const booleanType: ValueType<boolean> = {
  name: 'true or false',
  read(node) {
    if (node.kind !== 'scalar') return undefined;
    return truths.get(typeof node.value === 'string' ? node.value.trim().toLowerCase() : node.value);
  },
};

export const durationType: ValueType<number> = {
  name: 'a duration',
  isShown: true,
  fix: "write a number of milliseconds, '30s', '2 days', 'PT5M', or { minutes: 5 }.",
  read: node => parseDuration(toJson(node)),
};

export const objectType: ValueType<true> = {
  name: 'an object',
  read: node => (node.kind === 'object' ? true : undefined),
};
