import { expect } from 'chai';
import { z } from 'zod';
import { post } from '../../../lib/contract/operation-drafts.js';
import { compiledShape } from '../../../lib/wire/server/compiled-shape.js';
import { soundBodyOf } from '../../../lib/wire/server/sound-body.js';
import { OperationRoute } from '../../../lib/wire/server/operation-route.js';
import { isPlugin } from '../../../lib/wire/server/plugin-principal.js';
import { shapeOf } from '../../../lib/wire/server/read-shape.js';
import { Findings, keyCheckOf } from '../../../lib/wire/server/undeclared-keys.js';

function found(schema: object, value: unknown): string[] {
  const findings = new Findings();
  keyCheckOf(shapeOf(schema as never))?.(value, findings);
  return findings.rules.map(({ pointer, rule }) => `${pointer} ${rule}`);
}

const input = (schema: z.ZodType) => schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });

describe('Keys that are not declared', () => {
  it('are found in objects, lists, tuples and records, and below themselves', () => {
    const item = z.object({ a: z.string() });
    const schema = z.object({
      list: z.array(item),
      pair: z.tuple([item, z.string()]),
      record: z.record(z.string(), item),
      get children() {
        return z.array(schema).optional();
      },
    });
    const bad = { a: 'a', b: 'b' };
    const value = { list: [{ a: 'a' }, bad], pair: [bad, 'x'], record: { k: bad }, extra: 1 };

    expect(
      found(input(schema), { ...value, children: [{ list: [bad], pair: [{ a: '' }, ''], record: {} }] }),
    ).to.deep.equal([
      '/list/1/b undeclared',
      '/pair/0/b undeclared',
      '/record/k/b undeclared',
      '/extra undeclared',
      '/children/0/list/0/b undeclared',
    ]);
  });

  it('are found, as numbers that would lose a digit are, where a list or an object may stand in their place', () => {
    for (const schema of [
      { type: ['integer', 'array'], items: { type: 'string' } },
      { type: ['integer', 'array'], items: { type: 'integer' } },
      { type: ['integer', 'object'], properties: {} },
    ]) {
      expect(found(schema, 2 ** 53), JSON.stringify(schema)).to.deep.equal([' integer']);
      expect(soundBodyOf(shapeOf(schema))(2 ** 53), JSON.stringify(schema)).to.equal(false);
      expect(soundBodyOf(shapeOf(schema))(5), JSON.stringify(schema)).to.equal(true);
    }
  });

  it('are none where others are allowed', () => {
    expect(found(input(z.looseObject({ a: z.string() })), { a: 'a', b: 1 })).to.deep.equal([]);
    expect(
      found(input(z.object({ any: z.any(), open: z.record(z.string(), z.unknown()) })), {
        any: { x: 1 },
        open: { y: 1 },
      }),
    ).to.deep.equal([]);
    expect(
      found({ type: 'object', patternProperties: { '^x-': {} }, additionalProperties: false }, { 'x-a': 1, y: 1 }),
    ).to.deep.equal(['/y undeclared']);
  });

  it('are looked for in the variant that the constants tell, or in the one that has least of them', () => {
    const shape = z.discriminatedUnion('type', [
      z.object({ type: z.literal('circle'), r: z.number() }),
      z.object({ type: z.literal('box'), w: z.number(), h: z.number() }),
    ]);
    const loose = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]);

    expect(found(input(shape), { type: 'circle', r: 1, w: 2 })).to.deep.equal(['/w undeclared']);
    expect(found(input(shape), { type: 'box', w: 1, h: 2 })).to.deep.equal([]);
    expect(found(input(loose), { b: 'b' })).to.deep.equal([]);
    expect(found(input(loose), { b: 'b', c: 1, d: 2 })).to.deep.equal(['/c undeclared', '/d undeclared']);
    expect(found(input(z.union([shape, z.string()])), 'text')).to.deep.equal([]);
  });

  it('are those that no part of a composition declares', () => {
    const schema = {
      $defs: { base: { type: 'object', properties: { id: { type: 'string' } } } },
      allOf: [{ $ref: '#/$defs/base' }, { type: 'object', properties: { a: {} } }],
      anyOf: [{ properties: { x: { const: 1 } } }, { properties: { y: {} } }],
    };

    expect(found(schema, { id: 'i', a: 1, y: 2 })).to.deep.equal([]);
    expect(found(schema, { id: 'i', a: 1, z: 2 })).to.deep.equal(['/z undeclared']);
  });

  it('come with a name only where that is one', () => {
    expect(found({ type: 'object', properties: {} }, { '<script>': 1, ['a'.repeat(65)]: 2, ok: 3 })).to.deep.equal([
      ' undeclared',
      ' undeclared',
      '/ok undeclared',
    ]);
  });

  it('are taken away, and counted, where another plugin has sent them', () => {
    const shape = compiledShape(
      z.object({ a: z.object({ b: z.string() }), list: z.array(z.object({ c: z.int() })) }),
      'input',
    );
    const value = { a: { b: 'b', x: 1 }, list: [{ c: 1, y: 2 }], z: 3 };
    const findings = new Findings();
    keyCheckOf(shape)!(value, findings);

    const dropped = findings.drop();

    expect(value).to.deep.equal({ a: { b: 'b' }, list: [{ c: 1 }] });
    expect([dropped, findings.rules]).to.deep.equal([3, []]);
  });

  it('have been sent by another plugin, for itself or for a user', () => {
    const plugin = { type: 'service', subject: 'plugin:catalog' } as const;

    expect(isPlugin(plugin)).to.equal(true);
    expect(isPlugin({ type: 'user', userEntityRef: 'user:default/ada', actor: plugin })).to.equal(true);
    expect(isPlugin({ type: 'user', userEntityRef: 'user:default/ada' })).to.equal(false);
    expect(isPlugin({ type: 'service', subject: 'external:ci' })).to.equal(false);
    expect(isPlugin({ type: 'none' })).to.equal(false);
  });
});

describe('A schema', () => {
  for (const [what, schema] of [
    ['if', { type: 'object', if: {}, else: {} }],
    ['a reference to another document', { $ref: 'https://example.com/schema.json' }],
    ['a reference to nothing', { $ref: '#/$defs/nothing' }],
  ] as const) {
    it(`with ${what} is not taken for one that is understood`, () => {
      expect(() => shapeOf(schema)).to.throw('is not supported');
    });
  }

  it('that leads back to itself is read once', () => {
    const tree = { type: 'object', properties: { left: { $ref: '#' }, right: { $ref: '#' } } };

    expect(found(tree, { left: { left: {}, x: 1 }, right: {} })).to.deep.equal(['/left/x undeclared']);
  });

  it('of an operation is compiled when that is added', () => {
    const { method, path, options } = post('/x', { body: { schema: z.unknown(), jsonSchema: { if: {} } } });
    const operation = { ...options, method, path, name: 'x', pluginId: 'catalog' };
    const source = { options: { operation }, call: () => undefined } as never;

    expect(() => new OperationRoute(source, { maxSize: 1, gzip: false }, () => {})).to.throw(`'if' is not supported`);
  });
});
