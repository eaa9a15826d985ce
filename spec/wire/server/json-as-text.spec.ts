import { expect } from 'chai';
import fc from 'fast-check';
import { shapeOf } from '../../../lib/wire/server/read-shape.js';
import { Fit, misfit } from '../../../lib/wire/server/fit.js';
import { projectionOf } from '../../../lib/wire/server/projection.js';
import { textReaderOf, unreadable } from '../../../lib/wire/server/text-values.js';
import { readJson } from '../../../lib/wire/server/json-body.js';
import { jsonErrorOffset } from '../../../lib/wire/server/json-error-offset.js';
import { readQuery } from '../../../lib/wire/server/query-string.js';

/** What a plugin may return: JSON, and everything that becomes JSON, or nothing, when it is written as text. */
const returned = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, () => 1, Symbol('a'), -0, NaN, Infinity),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(
      Object(1) as unknown,
      Object('a') as unknown,
      Object(true) as unknown,
      new Map([[1, 2]]),
      new Set([1]),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('a', 'b', '__proto__', 'toJSON2', 'constructor')),
      tie('value'),
      {
        maxKeys: 4,
      },
    ),
    tie('value').map(value => ({ toJSON: () => value })),
    tie('value').map(value => Object.assign(Object.create({ inherited: 1 }) as object, { own: value })),
  ),
})).value;

/** Says what JSON says already, one step deeper each time. */
const anything = {
  anyOf: [
    { type: ['string', 'number', 'boolean', 'null'] },
    { type: 'array', items: { $ref: '#' } },
    { type: 'object', additionalProperties: { $ref: '#' } },
  ],
};

function asText(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
}

describe('A projected value', () => {
  const project = projectionOf(shapeOf(anything));

  it('is what JSON text would carry, where everything is declared', () => {
    fc.assert(
      fc.property(returned, value => {
        fc.pre(asText(value) !== undefined);
        const projected = project(value, '', new Fit());

        expect(projected).not.to.equal(misfit);
        expect(JSON.parse(projected as string)).to.deep.equal(asText(value));
      }),
    );
  });

  it('has null in a list, and nothing in an object, for what turns out to have no JSON', () => {
    const nothing = { toJSON: () => undefined };

    expect(project([nothing, [nothing]], '', new Fit())).to.equal('[null,[null]]');
    expect(project({ a: nothing, b: 1 }, '', new Fit())).to.equal('{"b":1}');
  });

  it('is what JSON text would carry, where every type is declared', () => {
    const typed = {
      type: 'object',
      properties: {
        'a "text"': { type: 'string' },
        number: { type: 'number' },
        whole: { type: 'integer' },
        yes: { type: 'boolean' },
        list: { type: 'array', items: { type: 'string' } },
        any: {},
      },
    };
    const values = fc.record(
      {
        'a "text"': fc.string({ unit: 'binary' }),
        number: fc.double({ noNaN: true, noDefaultInfinity: true }),
        whole: fc.maxSafeInteger(),
        yes: fc.boolean(),
        list: fc.array(fc.string({ unit: 'grapheme' })),
        any: returned,
      },
      { requiredKeys: [] },
    );
    const projectTyped = projectionOf(shapeOf(typed));

    fc.assert(
      fc.property(values, value => {
        expect(JSON.parse(projectTyped(value, '', new Fit()) as string)).to.deep.equal(asText(value));
      }),
    );
  });

  it('is told by toJSON() what holds it', () => {
    const keyed = { toJSON: (key: string) => `at ${key}` };
    const anyMember = projectionOf(shapeOf({ type: 'object', properties: { a: {} } }));
    const anyItem = projectionOf(shapeOf({ type: 'array', items: {} }));

    expect(anyMember({ a: keyed }, '', new Fit())).to.equal('{"a":"at a"}');
    expect(anyItem([0, keyed], '', new Fit())).to.equal('[0,"at 1"]');
    expect(anyMember({ a: { toJSON: () => undefined } }, '', new Fit())).to.equal('{}');
  });

  it('has no key that is not declared, wherever that is', () => {
    const declared = {
      type: 'object',
      properties: { a: { type: 'array', items: { $ref: '#' } }, b: { $ref: '#/$defs/leaf' } },
    };
    const closed = projectionOf(shapeOf({ ...declared, $defs: { leaf: { type: 'object', properties: {} } } }));
    const keysOf = (value: unknown): string[] =>
      typeof value === 'object' && value !== null
        ? [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysOf)]
        : [];

    fc.assert(
      fc.property(returned, value => {
        const projected = closed(value, '', new Fit());

        if (typeof projected === 'string') expect(['a', 'b']).to.include.members(keysOf(JSON.parse(projected)));
      }),
    );
  });

  const fitting = (schema: object, value: unknown) => {
    const fit = new Fit();
    const projected = projectionOf(shapeOf(schema as never))(value, '', fit);
    return projected === misfit ? `${fit.pointer} ${fit.rule}` : (JSON.parse(projected!) as unknown);
  };

  it('is that of the branch that leaves the least out', () => {
    const a = { type: 'object', properties: { a: { type: 'string' } } };
    const ab = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'object', properties: { c: {} } } } };

    expect(fitting({ anyOf: [a, ab] }, { a: 'a', b: { c: 1 } })).to.deep.equal({ a: 'a', b: { c: 1 } });
    expect(fitting({ anyOf: [a, ab] }, { a: 'a', b: { c: 1 }, d: 2 })).to.deep.equal({ a: 'a', b: { c: 1 } });
    expect(fitting({ anyOf: [a, ab] }, { a: 1 })).to.equal(' anyOf');
  });

  it('has what each part of a composition declares', () => {
    const base = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    const schema = {
      $defs: { base },
      allOf: [{ $ref: '#/$defs/base' }, { anyOf: [{ properties: { x: {} } }, { properties: { y: {} } }] }],
    };

    expect(fitting(schema, { id: 'a', y: 1, z: 2 })).to.deep.equal({ id: 'a', y: 1 });
    expect(fitting(schema, { y: 1 })).to.equal(' anyOf');
  });

  it('has the default where a key with one is absent', () => {
    const schema = { type: 'object', properties: { n: { type: 'number', default: 5 } }, required: ['n'] };

    expect(fitting(schema, {})).to.deep.equal({ n: 5 });
  });

  it('is none where a rule is broken, and says where', () => {
    const schema = {
      type: 'object',
      properties: {
        'a/b': { type: 'array', items: { enum: [1, 'two'] } },
        d: { type: 'string' },
        i: { type: 'integer' },
      },
      required: ['a/b'],
    };

    expect(fitting(schema, { 'a/b': [1, 'two', 3] })).to.equal('/a~1b/2 enum');
    expect(fitting(schema, {})).to.equal('/a~1b required');
    expect(fitting(schema, { 'a/b': [], d: new Date(0), i: 1 })).to.deep.equal({
      'a/b': [],
      d: new Date(0).toJSON(),
      i: 1,
    });
    expect(fitting(schema, { 'a/b': [], i: 1.5 })).to.equal('/i type');
    expect(fitting(schema, [])).to.equal(' type');
  });
});

describe('A text', () => {
  const read = (schema: object, texts: string | string[]) => textReaderOf(shapeOf(schema as never))(texts);

  it('is read as the number that it was written from', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), n => {
        expect(read({ type: 'number' }, String(n))).to.equal(n === 0 ? 0 : n);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), n => {
        expect(read({ type: 'integer' }, String(n))).to.equal(n);
      }),
    );
  });

  it('is no number where it is not written as JSON writes one', () => {
    for (const text of ['', ' 1', '0x10', '1e999', 'NaN', 'Infinity', '+1', '01', '1.', '.5', '1_000', '١']) {
      expect(read({ type: 'number' }, text), text).to.equal(unreadable);
    }
    for (const text of ['1.5', '9007199254740993', 'true'])
      expect(read({ type: 'integer' }, text), text).to.equal(unreadable);
  });

  it('is a boolean, one of a list, or one of several types', () => {
    expect(read({ type: 'boolean' }, 'false')).to.equal(false);
    expect(read({ type: 'boolean' }, '0')).to.equal(unreadable);
    expect(read({ enum: [1, 'a', true] }, '1')).to.equal(1);
    expect(read({ enum: [1, 'a', true] }, 'b')).to.equal(unreadable);
    expect(read({ anyOf: [{ type: 'string' }, { type: 'number' }] }, '5')).to.equal(5);
    expect(read({ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'null')).to.equal('null');
    expect(read({}, '5')).to.equal('5');
  });

  it('makes a list of one, and several make one only where a list is declared', () => {
    expect(read({ type: 'array', items: { type: 'integer' } }, '5')).to.deep.equal([5]);
    expect(read({ type: 'array', items: { type: 'integer' } }, ['5', '6'])).to.deep.equal([5, 6]);
    expect(read({ type: 'array', items: { type: 'integer' } }, ['5', 'x'])).to.equal(unreadable);
    expect(read({ type: 'integer' }, ['5', '6'])).to.equal(unreadable);
  });

  it('cannot be an object', () => {
    expect(() => read({ type: 'object', properties: {} }, '{}')).to.throw(`'type: object' is not supported`);
  });
});

describe('A query', () => {
  it('is read as it was written', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
      maxLength: 20,
    });

    fc.assert(
      fc.property(pairs, given => {
        const url = `/x?${new URLSearchParams(given.filter(([name]) => name !== '')).toString()}`;
        const found = [...readQuery(url)!].flatMap(([name, texts]) => [texts].flat().map(text => [name, text]));

        expect(found).to.have.deep.members(given.filter(([name]) => name !== ''));
      }),
    );
  });
});

describe('A body', () => {
  it('is read as JSON.parse reads it, or refused', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        const value = JSON.parse(text) as unknown;
        let read: unknown;
        try {
          read = readJson(Buffer.from(text), () => false).value;
        } catch (error) {
          expect(error).to.have.property('status', 400);
          return;
        }
        expect(read).to.deep.equal(value);
      }),
    );
  });

  it('that is no JSON stops being some where it is said to', () => {
    const damaged = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '\\', 'x', '\n', '0', 'e'));

    fc.assert(
      fc.property(damaged, ([json, at, by]) => {
        const place = at % (json.length + 1);
        const bytes = Buffer.from(json.slice(0, place) + by + json.slice(place + 1));
        const offset = jsonErrorOffset(bytes);
        let isJson = true;
        try {
          JSON.parse(bytes.toString());
        } catch {
          isJson = false;
        }

        expect(offset).to.be.within(0, bytes.length);
        if (!isJson && offset < bytes.length)
          expect(canGoOn(bytes.subarray(0, offset + 1).toString('latin1'))).to.equal(false);
      }),
      { numRuns: 500 },
    );
  });
});

/** Whether a text is the beginning of some JSON, as far as a few ways to go on tell. */
function canGoOn(text: string): boolean {
  const ways = ['', '"', '0', '":0', ':0', 'rue', 'alse', 'ull', 'ue', 'lse', 'll', 'e', 'se', 'l', '0"', '000"'];
  const closings = ['', '}', ']', '}]', ']}', '}}', ']]'];
  return ways.some(way =>
    closings.some(closing => {
      try {
        JSON.parse(text + way + closing);
        return true;
      } catch {
        return false;
      }
    }),
  );
}
