import { expect } from 'chai';
import { formatProblem } from '../../../lib/errors/problem.js';
import type { ConfigSchemaSource } from '../../../lib/services/config/config-schema-source.js';
import { ConfigFolder } from './config-folder.js';

const schema: ConfigSchemaSource = {
  packageName: 'plugin-catalog',
  schema: {
    type: 'object',
    required: ['catalog'],
    properties: {
      catalog: {
        type: 'object',
        required: ['refresh'],
        additionalProperties: false,
        properties: {
          refresh: { type: 'string', default: '5m' },
          port: { type: 'number', maximum: 9000 },
          enabled: { type: 'boolean' },
          mode: { enum: ['fast', 'slow'] },
          pattern: { type: 'string', pattern: '^[a-z]+$', visibility: 'secret' },
          rules: { type: 'array', items: { type: 'object', properties: { 'a/b': { type: 'number' } } } },
          either: { anyOf: [{ type: 'number' }, { type: 'object', required: ['x'] }] },
          one: { oneOf: [{ type: 'number' }, { type: 'object', required: ['x'] }] },
          old: { type: 'string', deprecated: "write 'refresh' instead" },
          older: { deprecated: true },
        },
      },
    },
  },
};

const mistakes: [title: string, line: string, problem: [code: string, message: string, step: string]][] = [
  [
    'a value of another type',
    'port: hunter2',
    ['INVALID_CONFIG', "'catalog.port' must be number", "'catalog.port' (app-config.yaml:3:9)"],
  ],
  [
    'a number out of range',
    'port: 9999',
    ['INVALID_CONFIG', "'catalog.port' must be <= 9000", "'catalog.port' (app-config.yaml:3:9)"],
  ],
  [
    'a word that is not allowed',
    'mode: hunter2',
    ['INVALID_CONFIG', 'allowed values: "fast", "slow"', "'catalog.mode' (app-config.yaml:3:9)"],
  ],
  [
    'a text that does not fit',
    'pattern: hunter2',
    ['INVALID_CONFIG', 'must match pattern', "'catalog.pattern' (app-config.yaml:3:12)"],
  ],
  [
    'a value in a list',
    'rules: [{}, { a/b: x }]',
    ['INVALID_CONFIG', "'catalog.rules[1].a/b' must be number", "'catalog.rules[1].a/b' (app-config.yaml:3:22)"],
  ],
  [
    'an unknown key',
    'unknown: hunter2',
    ['INVALID_CONFIG', "'catalog.unknown' is not known", "'catalog.unknown' (app-config.yaml:3:12)"],
  ],
  [
    'a value that fits none of several forms',
    'one: hunter2',
    ['INVALID_CONFIG', "'catalog.one' must match exactly one schema in oneOf", "'catalog.one' (app-config.yaml:3:8)"],
  ],
  [
    'a value that fits no form',
    'either: { y: 1 }',
    ['INVALID_CONFIG', "'catalog.either' must match a schema in anyOf", "'catalog.either' (app-config.yaml:3:3)"],
  ],
];

describe('Configuration schemas', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder();
  });

  afterEach(() => folder[Symbol.dispose]());

  for (const [title, line, [code, message, step]] of mistakes) {
    it(`find ${title}, with its line and without the value`, async () => {
      folder.write('app-config.yaml', `catalog:\n  refresh: 5m\n  ${line}\n`);

      const { problems } = await folder.load({ schemas: [schema] });

      expect(problems).to.have.length(1);
      expect(problems[0]!.code).to.equal(code);
      expect(problems[0]!.message).to.contain(message);
      expect(problems[0]!.path).to.deep.equal([
        `in configuration key ${step}`,
        "-> configuration schema of package 'plugin-catalog'",
      ]);
      expect(formatProblem(problems[0]!)).not.to.contain('hunter2');
    });
  }

  it('find a missing key, at the nearest key there is', async () => {
    folder.write('app-config.yaml', 'other: 1\ncatalog: { port: 1 }\n');
    const below = await folder.load({ schemas: [schema] });
    folder.write('app-config.yaml', 'other: 1\n');
    const top = await folder.load({ schemas: [schema] });

    expect(below.problems.map(p => [p.code, p.message, p.path[0]])).to.deep.equal([
      [
        'MISSING_CONFIG',
        "Configuration key 'catalog.refresh' is missing",
        "in configuration key 'catalog' (app-config.yaml:2:1)",
      ],
    ]);
    expect(top.problems.map(p => [p.code, p.message])).to.deep.equal([
      ['MISSING_CONFIG', "Configuration key 'catalog' is missing"],
    ]);
  });

  it('count a value as what it can be read as, and change nothing', async () => {
    const { config, problems } = await folder.load({
      config: { catalog: { refresh: 5, port: '7007', enabled: 'true' } },
      schemas: [schema],
    });

    expect(problems).to.deep.equal([]);
    expect(config.get('catalog')).to.deep.equal({ refresh: 5, port: '7007', enabled: 'true' });
  });

  it('fill in no defaults', async () => {
    const { problems } = await folder.load({ config: { catalog: {} }, schemas: [schema] });

    expect(problems.map(({ message }) => message)).to.deep.equal(["Configuration key 'catalog.refresh' is missing"]);
  });

  it('of several packages all count', async () => {
    const other = { packageName: 'plugin-search', schema: { properties: { search: { type: 'string' } } } };

    const { problems } = await folder.load({ config: { search: [1, 2] }, schemas: [schema, other] });

    expect(problems.map(({ path }) => path[1])).to.deep.equal([
      "-> configuration schema of package 'plugin-catalog'",
      "-> configuration schema of package 'plugin-search'",
    ]);
  });

  it('warn of deprecated keys that are used', async () => {
    folder.write('app-config.yaml', 'catalog:\n  refresh: 5m\n  old: x\n  older: 1\n');

    const { problems, warnings } = await folder.load({ schemas: [schema] });

    expect(problems).to.deep.equal([]);
    expect(warnings.map(({ code, message, path }) => [code, message, path[0]])).to.deep.equal([
      [
        'DEPRECATED_CONFIG',
        "Configuration key 'catalog.old' is deprecated: write 'refresh' instead",
        "in configuration key 'catalog.old' (app-config.yaml:3:8)",
      ],
      [
        'DEPRECATED_CONFIG',
        "Configuration key 'catalog.older' is deprecated",
        "in configuration key 'catalog.older' (app-config.yaml:4:10)",
      ],
    ]);
  });

  it('do not miss what a broken file would have said', async () => {
    folder.write('app-config.yaml', 'catalog:\n\trefresh: 5m\n');
    folder.write('app-config.local.yaml', 'catalog: { port: x }\n');

    const { problems } = await folder.load({ schemas: [schema] });

    expect(problems.map(({ code }) => code)).to.deep.equal(['CONFIG_FILE', 'INVALID_CONFIG']);
  });

  for (const [title, broken] of [
    ['a type that does not exist', { type: 'text' }],
    ['an unknown visibility', { properties: { a: { visibility: 'public' } } }],
    ['a deep visibility of backend', { properties: { a: { deepVisibility: 'backend' } } }],
    ['a reference to nowhere', { $ref: '#/definitions/none' }],
    ['a broken pattern', { patternProperties: { '(': { type: 'string' } } }],
  ] as const) {
    it(`are themselves checked: ${title}`, async () => {
      const { problems } = await folder.load({
        config: { a: 1 },
        schemas: [{ packageName: 'broken', schema: broken }],
      });

      expect(problems.map(({ code, path }) => [code, path])).to.deep.equal([
        ['INVALID_CONFIG_SCHEMA', ["in package 'broken'"]],
      ]);
      expect(problems[0]!.cause).to.be.instanceOf(Error);
    });
  }

  it('may be of draft 2020-12, and two may have the same $id', async () => {
    const modern = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://example.org/config',
      properties: { list: { prefixItems: [{ type: 'number' }] } },
      unevaluatedProperties: false,
    };
    const schemas = ['a', 'b'].map(packageName => ({ packageName, schema: { ...modern } }));

    const { problems } = await folder.load({ config: { list: ['x'], more: 1 }, schemas });

    expect(problems.map(({ message }) => message)).to.deep.equal([
      "Configuration key 'list[0]' must be number",
      "Configuration key 'more' is not known",
      "Configuration key 'list[0]' must be number",
      "Configuration key 'more' is not known",
    ]);
  });
});
