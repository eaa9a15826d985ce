import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect } from 'chai';
import { z } from 'zod';
import { configOf, configSectionOf } from '../../decorators/config-of.js';
import type { Problem } from '../../lib/errors/problem.js';
import { readConfigSection } from '../../lib/plan/config-section.js';
import { ConfigFolder } from '../services/config/config-folder.js';

const schema = z.object({
  refresh: z.string().default('5m'),
  rules: z.array(z.object({ weight: z.number() })).default([]),
});

class CatalogConfig extends configOf('catalog', schema) {}

describe('readConfigSection()', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder();
  });

  afterEach(() => folder[Symbol.dispose]());

  async function read(
    yaml: string,
    target: object = CatalogConfig,
  ): Promise<{ value: object } | { problems: Problem[] }> {
    folder.write('app-config.yaml', yaml);
    const { config } = await folder.load();
    return readConfigSection(config, configSectionOf(target)!);
  }

  it('gives what the schema makes of the section', async () => {
    const result = await read('catalog: { rules: [{ weight: 2 }] }\n');

    expect(result).to.deep.equal({ value: { refresh: '5m', rules: [{ weight: 2 }] } });
  });

  it('gives the defaults where the key is absent', async () => {
    expect(await read('')).to.deep.equal({ value: { refresh: '5m', rules: [] } });
  });

  it('gives what cannot be changed', async () => {
    const { value } = (await read('catalog: { rules: [{ weight: 2 }] }\n')) as {
      value: { rules: { weight: number }[] };
    };

    expect(() => Object.assign(value, { refresh: 'x' })).to.throw(TypeError);
    expect(() => value.rules.push({ weight: 1 })).to.throw(TypeError);
    expect(() => Object.assign(value.rules[0]!, { weight: 1 })).to.throw(TypeError);
  });

  it('gives null within the section as it is', async () => {
    const nullable = configOf(
      'a',
      schemaOf(() => ({ value: { part: null, list: [null] } })),
    );

    expect(await read('', nullable)).to.deep.equal({ value: { part: null, list: [null] } });
  });

  it('leaves alone what is no plain object', async () => {
    const url = schemaOf(() => ({ value: { url: new URL('http://a/'), list: new Map() } }));

    const { value } = (await read('', configOf('a', url))) as { value: { url: URL } };
    value.url.pathname = '/b';

    expect(value.url.href).to.equal('http://a/b');
    expect([Object.isFrozen(value), Object.isFrozen(value.url)]).to.deep.equal([true, false]);
  });

  it('reports every issue at the line of the nearest value', async () => {
    const { problems } = (await read('other: 1\ncatalog:\n  refresh: 5\n  rules: [{ weight: 1 }, {}]\n')) as {
      problems: Problem[];
    };

    expect(problems.map(({ code, path }) => [code, path[0]])).to.deep.equal([
      ['INVALID_CONFIG', "in configuration key 'catalog.refresh' (app-config.yaml:3:12)"],
      ['INVALID_CONFIG', "in configuration key 'catalog.rules[1].weight' (app-config.yaml:4:26)"],
    ]);
    expect(problems[0]!.message).to.contain(
      "'catalog.refresh' does not fit its schema: Invalid input: expected string",
    );
    expect(problems[0]!.path[1]).to.match(
      /^-> schema given to configOf \(spec\/plan\/config-section\.spec\.ts:\d+:29\)$/,
    );
  });

  it('reports an issue at the line of the key above where the section is absent', async () => {
    const strict = configOf('a.b', z.object({ c: z.string() }));

    const { problems } = (await read('x: 1\na: { d: 1 }\n', strict)) as { problems: Problem[] };

    expect(problems[0]!.path[0]).to.equal("in configuration key 'a.b.c' (app-config.yaml:2:1)");
  });

  it('reports an issue without a line where there is nothing above it', async () => {
    const { problems } = (await read('', configOf('a', z.object({ c: z.string() })))) as { problems: Problem[] };

    expect(problems[0]!.path[0]).to.equal("in configuration key 'a.c'");
  });

  it('reports a section that is no object', async () => {
    const { problems } = (await read('catalog: text\n')) as { problems: Problem[] };

    expect(problems.map(({ code, path }) => [code, path[0]])).to.deep.equal([
      ['INVALID_CONFIG', "in configuration key 'catalog' (app-config.yaml:1:10)"],
    ]);
  });

  it('reports a section below a value that is no object', async () => {
    const { problems } = (await read('a: text\n', configOf('a.b', z.object({})))) as { problems: Problem[] };

    expect(problems.map(({ code, message }) => [code, message])).to.deep.equal([
      ['INVALID_CONFIG', "Configuration key 'a' must be an object, not a string"],
    ]);
  });

  for (const [title, message, yaml] of [
    ['quoted', 'must not be "hunter2"', 'a: { b: hunter2 }'],
    ['plain', 'was hunter2', 'a: { b: hunter2 }'],
    ['a short text in quotes', "was 'x'", 'a: { b: x }'],
    ['a number', 'was 123456', 'a: { b: 123456 }'],
    ['part of an object', 'was {"c":"hunter2"}', 'a: { b: { c: hunter2 } }'],
  ] as const) {
    it(`hides the value in what the schema says about it: ${title}`, async () => {
      const quoting = configOf(
        'a',
        schemaOf(() => ({ issues: [{ message, path: [{ key: 'b' }] }] })),
      );

      const { problems } = (await read(yaml, quoting)) as { problems: Problem[] };

      expect(problems[0]!.message).to.match(/does not fit its schema: (must not be|was) .*\*\*\*/);
      expect(problems[0]!.message).not.to.match(/hunter2|123456|'x'/);
    });
  }

  for (const [title, validate, words] of [
    ['asynchronous', () => Promise.resolve({ value: {} }), 'is asynchronous'],
    ['asynchronous and failing', () => Promise.reject(new Error('late')), 'is asynchronous'],
    ['no description of an object', () => ({ value: 'text' as never }), 'gives no object'],
    ['one that gives null', () => ({ value: null as never }), 'gives no object'],
    [
      'broken',
      () => {
        throw new Error('broken');
      },
      'throws an error',
    ],
  ] as const) {
    it(`reports a schema that is ${title}`, async () => {
      const { problems } = (await read('', configOf('a', schemaOf(validate)))) as { problems: Problem[] };

      expect(problems.map(({ code }) => code)).to.deep.equal(['INVALID_CONFIG_SCHEMA']);
      expect(problems[0]!.message).to.equal(`The schema of configuration key 'a' ${words}`);
      expect('cause' in problems[0]!).to.equal(title === 'broken');
    });
  }
});

function schemaOf(validate: () => ReturnType<StandardSchemaV1<unknown, object>['~standard']['validate']>) {
  const standard: StandardSchemaV1<unknown, object> = { '~standard': { version: 1, vendor: 'spec', validate } };
  return standard;
}
