import { expect } from 'chai';
import { z } from 'zod';
import { jsonSchemaOf } from '../../lib/contract/index.js';
import { isSchema, standardOf } from '../../lib/contract/json-schema-of.js';

const Entity = z.object({ name: z.string(), stars: z.number().default(0) });
const described = { schema: Entity, jsonSchema: { type: 'object' } };

describe('jsonSchemaOf()', () => {
  it('asks the schema what it takes, and what it gives', () => {
    expect(jsonSchemaOf(Entity, 'input')).to.deep.include({ required: ['name'] });
    expect(jsonSchemaOf(Entity, 'output')).to.deep.include({ required: ['name', 'stars'] });
    expect(jsonSchemaOf(Entity, 'input')['$schema']).to.equal('https://json-schema.org/draft/2020-12/schema');
  });

  it('believes what is said beside the schema', () => {
    expect(jsonSchemaOf(described, 'output')).to.equal(described.jsonSchema);
    expect([standardOf(described), standardOf(Entity)]).to.deep.equal([Entity, Entity]);
  });

  it('throws what the schema throws that JSON cannot say', () => {
    expect(() => jsonSchemaOf(z.date(), 'input')).to.throw('Date cannot be represented');
  });
});

describe('isSchema()', () => {
  it('knows what checks and says its JSON Schema, itself or beside it', () => {
    const callable = Object.assign(() => {}, { '~standard': Entity['~standard'] });

    expect([Entity, described, callable].map(isSchema)).to.deep.equal([true, true, true]);
  });

  it('takes nothing else for one', () => {
    const without = { '~standard': { version: 1, vendor: 'a', validate: () => ({ value: 1 }) } };
    const others = [
      undefined,
      null,
      'a',
      {},
      [],
      without,
      { schema: {}, jsonSchema: {} },
      { schema: Entity },
      { jsonSchema: {} },
    ];

    expect(others.map(isSchema)).to.deep.equal(others.map(() => false));
    expect(isSchema({ schema: without, jsonSchema: {} })).to.equal(true);
  });
});
