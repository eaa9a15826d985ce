import { expect } from 'chai';
import fc from 'fast-check';
import { JsonCopy } from '../../lib/wire/json-copy.js';
import { exactFitOf } from '../../lib/wire/server/exact-fit.js';
import { Fit } from '../../lib/wire/server/fit.js';
import { projectionOf } from '../../lib/wire/server/projection.js';
import { shapeOf } from '../../lib/wire/server/read-shape.js';

/** What a caller or a handler may pass on: JSON, and what becomes JSON, or nothing, when it is written. */
const passed = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, () => 1, Symbol('a'), -0, NaN, Infinity, Object(1) as unknown, new Map([[1, 2]])),
    fc.date(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('a', 'b', '1', '__proto__', 'constructor', 'toJSON')),
      tie('value'),
      { maxKeys: 4 },
    ),
    tie('value').map(value => Object.assign(Object.create({ inherited: 1 }) as object, { own: value })),
    tie('value').map(value => Object.assign(Object.create(null) as object, { own: value })),
  ),
})).value;

describe('A copy of JSON', () => {
  it('is what JSON text would carry, in the same order', () => {
    let copies = 0;
    fc.assert(
      fc.property(passed, value => {
        const copy = JsonCopy.of(value);
        if (!copy) return;

        copies++;
        expect(copy.json).to.deep.equal(JSON.parse(JSON.stringify(value)));
        expect(copy.text).to.equal(JSON.stringify(value));
        expect(Buffer.byteLength(copy.text)).to.be.at.most(copy.size);
      }),
      { numRuns: 2_000 },
    );
    expect(copies).to.be.above(100);
  });

  it('shares nothing that could be changed', () => {
    const value = { list: [{ a: 1 }], inner: { b: [2] } };

    const copy = JsonCopy.of(value)!.json as typeof value;
    value.list[0]!.a = 9;
    value.inner.b.push(9);

    expect(copy).to.deep.equal({ list: [{ a: 1 }], inner: { b: [2] } });
  });

  it('is not made of what only JSON itself can tell', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const half = '\ud800';

    for (const value of [
      circle,
      half,
      { [half]: 1 },
      1n,
      new Date(),
      { toJSON: () => 1 },
      JSON.parse('{"__proto__":1}'),
    ])
      expect(JsonCopy.of(value)).to.equal(undefined);
    expect(JsonCopy.of('a'.repeat(70_000))).to.equal(undefined);
  });
});

describe('A value that fits a schema exactly', () => {
  const schemas = [
    { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } }, required: ['a'] },
    { type: 'object', properties: { b: {}, a: { type: ['string', 'null'] } } },
    { type: 'object', additionalProperties: { type: 'number' } },
    { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'number' } },
    { type: 'array', items: { type: 'object', properties: { a: { enum: ['x', 1] } } } },
    { anyOf: [{ type: 'string' }, { type: 'null' }, { type: 'object', properties: { a: {}, b: {} } }] },
    {
      anyOf: [
        { type: 'object', properties: { a: {} } },
        { type: 'object', properties: { b: {}, a: {} } },
      ],
    },
    { type: 'object', properties: { a: { type: 'string', default: 'd' }, b: { $ref: '#' } } },
    {},
  ];
  const leaf = fc.oneof(fc.constantFrom('x', 1, null, true, 1.5, ''), fc.string({ maxLength: 2 }));
  const json = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
      fc.array(tie('value'), { maxLength: 2 }),
    ),
  })).value;

  it('is projected to itself, in the same order', () => {
    let fitting = 0;
    for (const schema of schemas) {
      const fits = exactFitOf(shapeOf(schema));
      const project = projectionOf(shapeOf(schema));
      fc.assert(
        fc.property(json, value => {
          if (!fits(value)) return;

          fitting++;
          expect(project(value, '', new Fit())).to.equal(JSON.stringify(value));
        }),
        { numRuns: 500 },
      );
    }
    expect(fitting).to.be.above(200);
  });
});
