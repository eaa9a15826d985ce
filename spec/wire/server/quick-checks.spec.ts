import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { exactFitOf } from '../../../lib/wire/server/exact-fit.js';
import { Fit } from '../../../lib/wire/server/fit.js';
import { projectionOf } from '../../../lib/wire/server/projection.js';
import { shapeOf } from '../../../lib/wire/server/read-shape.js';
import { readJson } from '../../../lib/wire/server/json-body.js';
import { soundBodyOf } from '../../../lib/wire/server/sound-body.js';
import { Findings, keyCheckOf } from '../../../lib/wire/server/undeclared-keys.js';

/** Few, so that schemas and values often have the same; names that look like code, or lead to prototypes, among them. */
const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '7', '"]; throw 1; //', '\u2028', "it's");

const scalar = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null');

const schema = fc
  .letrec(tie => ({
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.record({ type: fc.oneof(scalar, fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 })) }),
      fc.constantFrom({}, { enum: ['x', 1, null, { a: 1 }] }, { const: 'x"' }, { type: 'object' }, { type: 'array' }),
      fc.record({ type: fc.constantFrom('array', ['integer', 'array'], ['array', 'null']), items: tie('schema') }),
      fc.record({ type: fc.constant('array'), prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ anyOf: fc.tuple(fc.constant({ type: 'integer' }), tie('schema')) }),
      fc
        .record(
          {
            type: fc.constantFrom('object', ['object', 'array'], ['integer', 'object']),
            properties: fc.dictionary(name, tie('schema'), { maxKeys: 4 }),
            required: fc.uniqueArray(name, { maxLength: 2 }),
            additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
          },
          { requiredKeys: ['properties'] },
        )
        .filter(({ required = [], properties }) => required.every(one => Object.hasOwn(properties, one))),
      fc.constant({ $ref: '#/$defs/tree' }),
    ),
  }))
  .schema.map(root => ({
    allOf: [root],
    $defs: { tree: { type: 'object', properties: { a: { type: 'array', items: { $ref: '#/$defs/tree' } }, b: {} } } },
  }));

const sent = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('x', 'x"', '\ud800', '', true, false, null, 0, 1, 1.5, 2 ** 53, -1),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** And what no JSON text becomes, but a handler may return. */
const returned = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    sent,
    fc.constantFrom(
      undefined,
      NaN,
      Infinity,
      -0,
      () => 1,
      Symbol('s'),
      1n,
      new Date(0),
      new Map([[1, 2]]),
      Object('x'),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    tie('value').map(value => ({ a: value, toJSON: () => value })),
    tie('value').map(value => Object.assign([value], { toJSON: () => 'x' })),
    tie('value').map(value => Object.assign(Object.create({ a: 'inherited' }) as object, { b: value })),
    tie('value').map(value => Object.assign(Object.create(null) as object, { a: value })),
  ),
})).value;

/** What the schema says a value may be, in its own order. */
function exampleOf(given: unknown): unknown {
  const { type, properties = {}, items, anyOf, enum: values, const: only } = given as Record<string, never>;
  if (anyOf) return exampleOf(anyOf[0]);
  if (only) return only;
  if (values) return values[0];
  switch ([type].flat()[0] as string | undefined) {
    case 'object':
      return Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, exampleOf(one)]));
    case 'array':
      return items ? [exampleOf(items), exampleOf(items)] : [];
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'x';
  }
}

const examples = (value: fc.Arbitrary<unknown>) =>
  schema.chain(one => fc.tuple(fc.constant(one), fc.oneof(value, fc.constant(exampleOf(one.allOf[0])))));

/** Of what has no JSON, as a BigInt, the error. */
function outcomeOf(write: () => unknown): unknown {
  try {
    return write();
  } catch (error) {
    return String(error);
  }
}

describe('A look at a value that takes the place of a closer one', () => {
  it('finds it fit only where its JSON is that of its projection', () => {
    let fitting = 0;
    fc.assert(
      fc.property(examples(returned), ([given, value]) => {
        const shape = shapeOf(given);
        if (!exactFitOf(shape)(value)) return;
        fitting++;
        expect(outcomeOf(() => JSON.stringify(value))).to.equal(
          outcomeOf(() => projectionOf(shape)(value, '', new Fit())),
        );
      }),
      { numRuns: 10_000 },
    );
    expect(fitting, 'so often there is something to compare').to.be.above(1_000);
  });

  it('finds a body sound only where there is nothing to be found', () => {
    let sound = 0;
    fc.assert(
      fc.property(examples(sent), ([given, value]) => {
        const shape = shapeOf(given);
        const bytes = Buffer.from(JSON.stringify(value));
        const isSound = soundBodyOf(shape);
        const read = outcomeOf(() => readJson(bytes, isSound).value);
        expect(read).to.deep.equal(outcomeOf(() => readJson(bytes, () => false).value));
        if (!isSound(value)) return;
        sound++;
        const findings = new Findings();
        keyCheckOf(shape)?.(value, findings);
        expect(findings.rules).to.deep.equal([]);
      }),
      { numRuns: 10_000 },
    );
    expect(sound).to.be.above(1_000);
  });

  it('finds no body sound that has what leads to prototypes, is too large for a number, or not whole', () => {
    const open = { type: 'object', additionalProperties: { type: ['number', 'string', 'object'] } };
    const isSound = soundBodyOf(shapeOf(open));

    for (const text of ['{"__proto__":1}', '{"a":1e999}', '{"a":"\\ud800"}', '{"a":{"constructor":{"prototype":1}}}']) {
      expect(() => readJson(Buffer.from(text), isSound), text).to.throw('not as declared');
    }
    expect(readJson(Buffer.from('{"a":"\\u00e9","b":1}'), isSound)).to.deep.equal({
      value: { a: '\u00e9', b: 1 },
      isSound: true,
    });
  });

  it('leaves what lies too deep to a closer look', () => {
    const chain = (length: number, end: object): object =>
      length === 0 ? end : { type: 'array', items: chain(length - 1, end) };
    const $defs = { inner: chain(30, { type: 'string' }), outer: chain(30, { $ref: '#/$defs/inner' }) };
    const properties = {
      a: { $ref: '#/$defs/inner' },
      b: { $ref: '#/$defs/outer' },
      c: chain(8, { $ref: '#/$defs/outer' }),
    };
    const nested = (length: number): unknown => (length === 0 ? 'x' : [nested(length - 1)]);
    const shapeWith = (names: readonly (keyof typeof properties)[]) =>
      shapeOf({ type: 'object', properties: Object.fromEntries(names.map(one => [one, properties[one]])), $defs });

    expect(soundBodyOf(shapeWith(['a', 'b']))({ a: nested(30), b: nested(60) })).to.equal(true);
    expect(soundBodyOf(shapeWith(['a', 'b', 'c']))({ c: nested(68) })).to.equal(false);
  });

  it('finds what operations mostly declare to be fit', () => {
    const item = {
      type: 'object',
      properties: {
        id: { type: 'integer' },
        label: { type: 'string' },
        price: { anyOf: [{ type: 'number' }, { type: 'null' }] },
      },
      required: ['id', 'price'],
      additionalProperties: false,
    };
    const page = { type: 'object', properties: { items: { type: 'array', items: item }, next: { type: 'string' } } };
    const shape = shapeOf(page);
    const value = {
      items: [
        { id: 1, label: 'a', price: 1.5 },
        { id: 2, label: undefined, price: null },
      ],
    };

    expect(exactFitOf(shape)(value)).to.equal(true);
    expect(exactFitOf(shape)({ ...value, other: 1 })).to.equal(false);
    expect(exactFitOf(shape)({ items: [{ id: 1, label: 'a' }] }), 'without what is required').to.equal(false);
    const optional = shapeOf({ type: 'object', properties: { a: {}, b: {}, c: {} } });
    expect(exactFitOf(optional)({ a: 1, c: 1 })).to.equal(true);
    expect(exactFitOf(optional)({ a: 1, c: 1, b: 1 }), 'in another order').to.equal(false);
    expect(soundBodyOf(shape)({ next: 'x', items: [{ price: 1, id: 1 }] })).to.equal(true);
    expect(soundBodyOf(shape)({ items: [{ id: 1, others: 1 }] })).to.equal(false);
    expect(soundBodyOf(shape)({ items: [{ id: 2 ** 53 }] })).to.equal(false);
    expect(soundBodyOf(shape)({ items: [{ id: 1, price: 1.5 }] })).to.equal(true);
  });

  it('says nothing where code must not be generated', async () => {
    const script = `
      import { exactFitOf } from './dist/lib/wire/server/exact-fit.js';
      import { shapeOf } from './dist/lib/wire/server/read-shape.js';
      console.log(exactFitOf(shapeOf({ type: 'string' }))('x'));
    `;
    const run = async (...flags: string[]) =>
      (await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', script])).stdout.trim();

    expect(await run()).to.equal('true');
    expect(await run('--disallow-code-generation-from-strings')).to.equal('false');
  });
});
