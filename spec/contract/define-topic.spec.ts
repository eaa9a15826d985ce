import { expect } from 'chai';
import { z } from 'zod';
import { ContractError } from '../../lib/contract/contract-error.js';
import { defineTopic, isTopic } from '../../lib/contract/define-topic.js';

function problemsOf(declaration: unknown): string[] {
  try {
    defineTopic(declaration as never);
    return [];
  } catch (error) {
    expect(error).to.be.instanceOf(ContractError);
    return (error as ContractError).problems.map(({ code, message }) => `${code} ${message}`);
  }
}

const payload = z.string();

describe('defineTopic()', () => {
  it('gives a frozen topic with its whole name, which anybody may subscribe to', () => {
    const topic = defineTopic({ pluginId: 'catalog', id: 'entity-changed', payload });

    expect(topic).to.include({
      pluginId: 'catalog',
      id: 'entity-changed',
      name: 'catalog.entity-changed',
      private: false,
    });
    expect(topic.payload).to.equal(payload);
    expect(Object.isFrozen(topic)).to.equal(true);
    expect(isTopic(topic)).to.equal(true);
  });

  it('takes a schema with its JSON Schema beside it', () => {
    expect(
      problemsOf({ pluginId: 'a', id: 'b', payload: { schema: payload, jsonSchema: { type: 'string' } } }),
    ).to.deep.equal([]);
  });

  for (const [what, declaration, ...messages] of [
    ['an id with a capital', { pluginId: 'a', id: 'entityChanged', payload }, `'entityChanged' is not a valid id`],
    ['an id that is too long', { pluginId: 'a', id: 'x'.repeat(64), payload }, 'is not a valid id'],
    ['no plugin', { id: 'b', payload }, `'undefined' is not a valid pluginId`],
    ['no schema', { pluginId: 'a', id: 'b' }, `The payload of topic 'b' has no schema`],
    ['a schema that says no JSON Schema', { pluginId: 'a', id: 'b', payload: { '~standard': {} } }, 'has no schema'],
    [
      'a key nobody knows',
      { pluginId: 'a', id: 'b', payload, schema: payload },
      `an option 'schema', which means nothing`,
    ],
    ['a private that is a text', { pluginId: 'a', id: 'b', payload, private: 'yes' }, 'is neither true nor false'],
    ['nothing', undefined, 'valid pluginId', 'valid id', 'no schema'],
    ['three mistakes', { pluginId: 'A', id: 'B', payload: 1 }, `'A'`, `'B'`, 'no schema'],
  ] as const) {
    it(`refuses ${what}`, () => {
      const problems = problemsOf(declaration);

      expect(problems).to.have.length(messages.length);
      problems.forEach((problem, index) => expect(problem).to.contain(`INVALID_TOPIC`).and.to.contain(messages[index]));
    });
  }

  it('is told apart from what looks like it', () => {
    for (const value of [undefined, null, 'catalog.entity-changed', { pluginId: 'a', id: 'b', payload }]) {
      expect(isTopic(value)).to.equal(false);
    }
  });
});
