import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import type { JsonSchema } from '../../../lib/contract/schema.js';
import { Fit, misfit } from '../../../lib/wire/server/fit.js';
import { UnsupportedKeyword } from '../../../lib/wire/server/json-shape.js';
import { projectionOf } from '../../../lib/wire/server/projection.js';
import { shapeOf } from '../../../lib/wire/server/read-shape.js';
import { TextPart } from '../../../lib/wire/server/text-part.js';
import { Findings, keyCheckOf } from '../../../lib/wire/server/undeclared-keys.js';

function undeclaredIn(schema: JsonSchema, value: unknown): string[] {
  const findings = new Findings();
  keyCheckOf(shapeOf(schema))?.(value, findings);
  return findings.rules.map(({ pointer }) => pointer);
}

function told(schema: JsonSchema, value: unknown): unknown {
  const projected = projectionOf(shapeOf(schema))(value, '', new Fit());
  return typeof projected === 'string' ? JSON.parse(projected) : projected;
}

function taken(schema: z.ZodType, value: unknown): string[] {
  return undeclaredIn(z.toJSONSchema(schema, { io: 'input' }), value);
}

function given(schema: z.ZodType, value: unknown): unknown {
  return told(z.toJSONSchema(schema, { io: 'output' }), value);
}

const A = z.object({ a: z.string() });
const B = z.object({ b: z.string() });

describe('What a schema declares that is made of others', () => {
  it('is in a union what the alternatives declare that fit: a record takes no keys of another one', () => {
    const schema = z.union([A, z.record(z.string(), z.number())]);

    expect(taken(schema, { a: 'x', b: 1 })).to.deep.equal(['/b']);
    expect(taken(schema, { x: 1, b: 1 })).to.deep.equal([]);
    expect(taken(schema, { a: 'x' })).to.deep.equal([]);
    expect(given(schema, { a: 'x', b: 1 })).to.deep.equal({ a: 'x' });
  });

  it('is that also far below, and where an alternative lacks what it requires', () => {
    const schema = z.array(
      z.union([z.object({ list: z.array(A) }), z.record(z.string(), z.array(z.record(z.string(), z.number())))]),
    );
    const either = z.union([z.object({ a: z.string(), x: z.number().optional() }), z.looseObject({ b: z.string() })]);

    expect(taken(schema, [{ list: [{ a: 'a' }], token: [{ t: 1 }] }])).to.deep.equal(['/0/token']);
    expect(given(schema, [{ list: [{ a: 'a', b: 'b' }], token: [{ t: 1 }] }])).to.deep.equal([{ list: [{ a: 'a' }] }]);
    expect(taken(either, { a: 'a', y: 1 })).to.deep.equal(['/y']);
  });

  it('is looked for where no alternative fits, in those that begin to', () => {
    const lenient = { anyOf: [{ type: 'object', properties: { a: { type: 'string' } } }, { type: 'null' }] };

    expect(undeclaredIn(lenient, { a: 1, b: 1 })).to.deep.equal(['/b']);
  });

  it('is in an intersection what any part declares, in lists and tuples as well', () => {
    const lists = z.intersection(z.array(A), z.array(B));
    const tuples = z.intersection(z.tuple([A, A]), z.tuple([B, B]));
    const records = z.intersection(z.record(z.string(), A), z.record(z.string(), B));
    const both = z.intersection(z.object({ x: A }), z.record(z.string(), B));
    const ab = { a: 'a', b: 'b' };
    const abc = { ...ab, c: 'c' };

    expect(taken(lists, [ab, abc])).to.deep.equal(['/1/c']);
    expect(given(lists, [abc])).to.deep.equal([ab]);
    expect(taken(tuples, [ab, abc])).to.deep.equal(['/1/c']);
    expect(given(tuples, [abc, abc])).to.deep.equal([ab, ab]);
    expect(taken(records, { k: abc })).to.deep.equal(['/k/c']);
    expect(given(records, { k: abc })).to.deep.equal({ k: ab });
    expect(taken(both, { x: abc })).to.deep.equal(['/x/c']);
    expect(given(both, { x: abc })).to.deep.equal({ x: ab });
  });

  it('is in an intersection of two that hold themselves what either declares, at each level', () => {
    const Named = z.object({
      name: z.string(),
      get children() {
        return z.array(Named);
      },
    });
    const Sized = z.object({
      size: z.number(),
      get children() {
        return z.array(Sized);
      },
    });
    const schema = z.intersection(Named, Sized);
    const leaf = { name: 'b', size: 2, children: [] };
    const tree = { name: 'a', size: 1, children: [leaf] };

    expect(taken(schema, { ...tree, children: [{ ...leaf, x: 1 }] })).to.deep.equal(['/children/0/x']);
    expect(given(schema, { ...tree, children: [{ ...leaf, x: 1 }] })).to.deep.equal(tree);
  });

  it('are in a record of known keys these alone', () => {
    const two = z.record(z.enum(['a', 'b']), z.string());
    const some = z.partialRecord(z.union([z.literal('a'), z.literal('b')]), z.string());

    expect(taken(two, { a: '', b: '', c: '' })).to.deep.equal(['/c']);
    expect(given(two, { a: '', b: '', c: 'secret' })).to.deep.equal({ a: '', b: '' });
    expect(given(two, { a: '' })).to.equal(misfit);
    expect(given(some, { a: '', c: 'secret' })).to.deep.equal({ a: '' });
  });

  it('is nothing behind a tuple, and no structure of another kind', () => {
    expect(told({ type: 'array', prefixItems: [{ type: 'string' }] }, ['a', { secret: 1 }])).to.equal(misfit);
    expect(told({ properties: { a: {} } }, [{ secret: 1 }])).to.equal(misfit);
    expect(told({ items: { type: 'string' } }, { secret: 1 })).to.equal(misfit);
    expect(told({ properties: { a: {} } }, 'text')).to.equal('text');
  });

  it('is an object that is a constant, and no object where the constants are none', () => {
    const constant = { enum: [{ a: 1, b: [2] }, ['x']] };
    const schema = z.union([z.literal(['none', null]), A]);

    expect(told(constant, { b: [2], a: 1 })).to.deep.equal({ a: 1, b: [2] });
    expect(told(constant, ['x'])).to.deep.equal(['x']);
    expect(told(constant, { a: 1, b: [2], c: 3 })).to.equal(misfit);
    expect(taken(schema, { a: 'a', b: 'b' })).to.deep.equal(['/b']);
  });

  it('is in the query of a union what one alternative declares, with its types', () => {
    const query = z.union([z.object({ name: z.string() }), z.object({ limit: z.number(), before: z.number() })]);
    const part = new TextPart('query', query);
    const rules = (texts: Record<string, string>) => {
      try {
        part.read(Object.entries(texts));
      } catch (error) {
        return (error as { details: unknown }).details;
      }
    };

    expect(
      part.read([
        ['limit', '5'],
        ['before', '7'],
      ]),
    ).to.deep.equal({ limit: 5, before: 7 });
    expect(part.read([['name', '5']])).to.deep.equal({ name: '5' });
    expect(rules({ name: 'x', other: '1' })).to.deep.equal([{ pointer: '/query/other', rule: 'undeclared' }]);
    expect(rules({ name: 'x', limit: '1' })).to.deep.equal([{ pointer: '/query/limit', rule: 'undeclared' }]);
  });

  it('is nothing that anybody could say of a schema that is itself', () => {
    for (const schema of [
      { $ref: '#' },
      { anyOf: [{ $ref: '#' }, { type: 'string' }] },
      { allOf: [{ $ref: '#' }, { properties: { a: {} } }] },
      { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { oneOf: [{ $ref: '#/$defs/x' }] } } },
    ]) {
      expect(() => keyCheckOf(shapeOf(schema))).to.throw(UnsupportedKeyword, '$ref');
    }
  });

  it('is what another implementation says, whatever the schema and the value', function () {
    this.timeout(120_000);
    const ajv = new Ajv2020({ strict: false });

    fc.assert(
      fc.property(schemas, values, (schema, value) => {
        const isOpen = ajv.compile({ ...schema, $defs: defs });
        const isClosed = ajv.compile({ ...(closed(schema) as JsonSchema), $defs: closed(defs) });
        const whole = { ...schema, $defs: defs };
        fc.pre(isOpen(value));

        expect(undeclaredIn(whole, value).length === 0).to.equal(isClosed(value));
        const projected = told(whole, value);
        expect(projected).not.to.equal(misfit);
        expect(isClosed(projected), JSON.stringify(projected)).to.equal(true);
      }),
      { numRuns: 150 },
    );
  });
});

const defs = {
  node: { type: 'object', properties: { a: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'number' }] } } },
};

/** Unions, lists, records, and a schema that holds itself, of a few keys. */
const { schemas } = fc.letrec<{ schemas: JsonSchema }>(tie => ({
  schemas: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<JsonSchema>(
      { type: 'string' },
      { type: 'number' },
      { type: 'null' },
      { const: 'x' },
      { enum: [{ a: 'x' }] },
    ),
    fc.constant<JsonSchema>({ $ref: '#/$defs/node' }),
    fc.array(tie('schemas'), { minLength: 1, maxLength: 3 }).map(anyOf => ({ anyOf })),
    tie('schemas').map(items => ({ type: 'array', items })),
    tie('schemas').map(additionalProperties => ({ type: 'object', additionalProperties })),
    fc
      .tuple(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schemas'), { maxKeys: 3, noNullPrototype: true }),
        fc.subarray(['a', 'b', 'c']),
      )
      .map(([properties, required]) => ({
        type: 'object',
        properties,
        required: required.filter(name => name in properties),
      })),
  ),
}));

const { values } = fc.letrec<{ values: unknown }>(tie => ({
  values: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>('x', 'text', 1, null),
    fc.array(tie('values'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('values'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** The same schema, where what is not declared may not be. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]));
  return 'properties' in copy && 'type' in copy ? { ...copy, additionalProperties: false } : copy;
}
