import { expect } from 'chai';
import { array, assert as check, constantFrom, letrec, oneof, property, string as text, tuple } from 'fast-check';
import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import { isSameData, toJson, type ConfigObject } from '../../../lib/services/config/config-node.js';
import { mergeConfig, settleConfig } from '../../../lib/services/config/merge-config.js';
import { plainConfig } from '../../../lib/services/config/plain-config.js';

const keys = oneof(
  constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'a', 'b'),
  text({ maxLength: 3 }),
);
const { tree } = letrec<{ tree: JsonValue; node: JsonValue }>(tie => ({
  node: oneof(
    { maxDepth: 4 },
    constantFrom<JsonValue>(null, 1, 'x', true),
    array(tie('node'), { maxLength: 3 }),
    tie('tree'),
  ),
  tree: array(tuple(keys, tie('node')), { maxLength: 5 }).map(ownProperties),
}));

describe('Merged configuration', () => {
  it('never reaches a prototype, whatever keys there are', () => {
    const before = fingerprintOfPrototypes();

    check(
      property(tree, tree, (lower, upper) => {
        const data = toJson(settleConfig(mergeConfig(treeOf(lower), treeOf(upper)), []));

        expect(fingerprintOfPrototypes()).to.deep.equal(before);
        expectOrdinary(data);
      }),
    );
  });

  it('has of each key what the upper one says, else what the lower one says', () => {
    check(
      property(tree, tree, (lower, upper) => {
        const merged = toJson(settleConfig(mergeConfig(treeOf(lower), treeOf(upper)), []));

        expect(merged).to.deep.equal(model(lower, upper));
      }),
    );
  });

  it('is the same data as itself, and as any copy with its keys in another order', () => {
    check(
      property(tree, data => {
        const reversed = ownProperties(Object.entries(data as JsonObject).toReversed());

        expect(isSameData(treeOf(data), treeOf(reversed))).to.equal(true);
      }),
    );
  });

  it('is other data exactly where its plain data differs', () => {
    check(
      property(tree, tree, (a, b) => {
        const [nodeA, nodeB] = [treeOf(a), treeOf(b)];

        expect(isSameData(nodeA, nodeB)).to.equal(isDeeplyEqual(toJson(nodeA), toJson(nodeB)));
      }),
    );
  });
});

describe('isSameData()', () => {
  for (const [a, b, expected] of [
    [[1], [1, 2], false],
    [[1, 2], [1], false],
    [[1, 2], [1, 3], false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: 1 }, { a: '1' }, false],
    [{ a: [] }, { a: {} }, false],
    [[], {}, false],
    [{ a: [{ b: null }] }, { a: [{ b: null }] }, true],
  ] as const) {
    it(`says ${expected} of ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
      expect(isSameData(plainConfig(a, 'here', []), plainConfig(b, 'there', []))).to.equal(expected);
    });
  }
});

function ownProperties(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  const data: JsonObject = {};
  for (const [key, value] of entries) {
    Object.defineProperty(data, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return data;
}

function treeOf(data: JsonValue): ConfigObject {
  return plainConfig(data, 'here', []) as ConfigObject;
}

function fingerprintOfPrototypes(): unknown[] {
  return [Object.prototype, Array.prototype, Function.prototype].map(prototype =>
    Reflect.ownKeys(prototype).map(key => [key, Object.getOwnPropertyDescriptor(prototype, key)?.value as unknown]),
  );
}

function expectOrdinary(data: JsonValue): void {
  if (typeof data !== 'object' || data === null) return;
  expect(Object.getPrototypeOf(data)).to.equal(Array.isArray(data) ? Array.prototype : Object.prototype);
  for (const key of ['__proto__', 'constructor', 'prototype']) expect(Object.hasOwn(data, key)).to.equal(false);
  for (const value of Object.values(data)) expectOrdinary(value);
}

/** The rules of merging, written another way. */
function model(lower: JsonValue | undefined, upper: JsonValue): JsonValue {
  if (Array.isArray(upper)) return upper.map(item => model(undefined, item));
  if (!isObject(upper)) return upper;
  const below = isObject(lower) ? lower : {};
  const names = new Set([...Object.keys(below), ...Object.keys(upper)]);
  const merged: JsonObject = {};
  for (const name of names) {
    if (['__proto__', 'constructor', 'prototype'].includes(name)) continue;
    const value = Object.hasOwn(upper, name)
      ? model(Object.hasOwn(below, name) ? below[name] : undefined, upper[name]!)
      : model(undefined, below[name]!);
    if (value !== null) merged[name] = value;
  }
  return merged;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDeeplyEqual(a: JsonValue, b: JsonValue): boolean {
  const sorted = (value: JsonValue): unknown =>
    isObject(value)
      ? Object.keys(value)
          .toSorted()
          .map(key => [key, sorted(value[key]!)])
      : Array.isArray(value)
        ? { list: value.map(sorted) }
        : value;
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
