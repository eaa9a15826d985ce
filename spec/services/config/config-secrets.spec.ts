import { expect } from 'chai';
import { RootConfigService } from '../../../lib/api/config-service.js';
import { pluginView } from '../../../lib/api/plugin-view.js';
import type { Problem } from '../../../lib/errors/problem.js';
import { plainConfig } from '../../../lib/services/config/plain-config.js';
import type { ConfigObject } from '../../../lib/services/config/config-node.js';
import { ConfigSecrets } from '../../../lib/services/config/config-secrets.js';
import { ConfigStore } from '../../../lib/services/config/config-store.js';
import { RootConfig } from '../../../lib/services/config/root-config.js';
import { isSecretName } from '../../../lib/services/config/secret-names.js';
import { ConfigFolder } from './config-folder.js';

type Schema = ConstructorParameters<typeof ConfigStore>[1];

const guesses: [title: string, data: object, secrets: string[]][] = [
  ['a password', { db: { password: 'hunter2', user: 'admin', host: 'localhost' } }, ['hunter2']],
  ['a password that is a number', { db: { password: 123456 }, maxTokens: 4096 }, ['123456']],
  ['tokens in a list', { github: { tokens: ['ghp_one', 'ghp_two'] } }, ['ghp_one', 'ghp_two']],
  [
    'the same key in a list of objects',
    { access: [{ apiKey: 'key-one' }, { apiKey: 'key-two' }] },
    ['key-one', 'key-two'],
  ],
  ['all within credentials', { s3: { credentials: { id: 'user-id', nested: { x: 'inner' } } } }, ['user-id', 'inner']],
  ['nothing within a section that is only called token', { token: { issuer: 'https://issuer', ttl: 'one hour' } }, []],
  [
    'a private key, whatever its name',
    { tls: { key: '-----BEGIN PRIVATE KEY-----\nabc\n' } },
    ['-----BEGIN PRIVATE KEY-----\nabc'],
  ],
  ['the password in a URL', { url: 'postgres://user:hunter2@host:5432/db' }, ['hunter2']],
  [
    'an encoded password in a URL, in both forms',
    { url: 'redis://:p%40ss%2Fword@host' },
    ['p%40ss%2Fword', 'p@ss/word'],
  ],
  ['a password with a per cent sign of its own', { url: 'redis://:50%sure@host' }, ['50%sure']],
  ['a password with an @', { url: 'mysql://user:p@ssword@host/x@y' }, ['p@ssword']],
  ['a token in place of a user name', { url: 'https://ghp_0123456789abcdef@github.com' }, ['ghp_0123456789abcdef']],
  ['no user name', { url: 'https://somebody@github.com' }, []],
  ['a parameter of a URL', { url: 'https://host/x?user=somebody&access_token=hunter2#x' }, ['hunter2#x']],
  ['a part of a connection string', { dsn: 'host=localhost user=somebody password=hunter2 port=5432' }, ['hunter2']],
  ['no common word', { cors: { credentials: 'include' }, token: 'True', secret: 'false', password: 'abc' }, []],
  [
    'the texts of a mixed list',
    { tokens: ['text-one', { note: 'no secret', password: 'text-two' }] },
    ['text-one', 'text-two'],
  ],
  ['no text with an address in it', { text: 'write to me@example.org: now' }, []],
];

describe('ConfigSecrets', () => {
  for (const [title, data, secrets] of guesses) {
    it(`knows without a schema: ${title}`, async () => {
      using folder = new ConfigFolder();
      const { config } = await folder.load({ config: data as never });

      expect(new ConfigSecrets(config).values()).to.have.members(secrets);
    });
  }

  for (const name of [
    'token',
    'githubToken',
    'GITHUB_TOKEN',
    'api-key',
    'apiKey',
    'privateKey',
    'db.password',
    'clientSecret',
    'JWT',
    'Authorization',
    'accessKeySecret',
    'secretAccessKey',
    'signing_key',
  ]) {
    it(`takes '${name}' for the name of a secret`, () => {
      expect(isSecretName(name)).to.equal(true);
    });
  }

  for (const name of [
    'tokenUrl',
    'key',
    'keys',
    'monkey',
    'accessKeyId',
    'passwordPolicy',
    'author',
    'cookieName',
    'publicKey',
    'primaryKey',
    '',
  ]) {
    it(`does not take '${name}' for the name of a secret`, () => {
      expect(isSecretName(name)).to.equal(false);
    });
  }

  it('knows the whole of a substituted value and what was put into it', async () => {
    using folder = new ConfigFolder({
      'app-config.yaml':
        'header: { authorization: "Bearer ${A}" }\ntoken: { $env: B }\nsecret: { $file: c.txt }\nplain: "${D}"\n',
      'c.txt': 'from a file\n',
    });
    const { config } = await folder.load({ env: { A: 'hunter2', B: 'hunter3', D: 'not secret' } });

    expect(new ConfigSecrets(config).values()).to.have.members(['Bearer hunter2', 'hunter2', 'hunter3', 'from a file']);
  });

  const schemaCases: [title: string, schema: object, data: object, secrets: string[]][] = [
    ['a marked text, also a short one', { properties: { a: { visibility: 'secret' } } }, { a: 'ab', b: 'cd' }, ['ab']],
    ['no text of one letter', { properties: { a: { visibility: 'secret' } } }, { a: ' x ' }, []],
    ['a marked number', { properties: { a: { visibility: 'secret' } } }, { a: 42 }, ['42']],
    [
      'the texts of a marked list',
      { properties: { a: { visibility: 'secret' } } },
      { a: ['one', 'two', { x: 'three' }] },
      ['one', 'two'],
    ],
    ['marked items', { properties: { a: { items: { visibility: 'secret' } } } }, { a: ['one', 'two'] }, ['one', 'two']],
    [
      'ordered items',
      { properties: { a: { items: [{}, { visibility: 'secret' }], additionalItems: { visibility: 'secret' } } } },
      { a: ['one', 'two', 'three'] },
      ['two', 'three'],
    ],
    [
      'prefix items',
      { properties: { a: { prefixItems: [{ visibility: 'secret' }], items: {} } } },
      { a: ['one', 'two'] },
      ['one'],
    ],
    [
      'nothing but itself below a marked object',
      { properties: { a: { visibility: 'secret' } } },
      { a: { b: 'one' } },
      [],
    ],
    [
      'all below a deep mark',
      { properties: { a: { deepVisibility: 'secret', properties: { b: { type: 'string' } } } } },
      { a: { b: 'one', c: [{ d: 'two' }] } },
      ['one', 'two'],
    ],
    [
      'below a deep mark with further keys allowed',
      { properties: { a: { deepVisibility: 'secret', additionalProperties: true } } },
      { a: { b: { c: 'one' } } },
      ['one'],
    ],
    [
      'what an alternative marks',
      { properties: { a: { anyOf: [{ type: 'number' }, { type: 'string', visibility: 'secret' }] } } },
      { a: 'one' },
      ['one'],
    ],
    [
      'what a condition marks',
      { if: {}, ['then' as string]: { properties: { a: { visibility: 'secret' } } } },
      { a: 'one' },
      ['one'],
    ],
    [
      'what a reference marks',
      { properties: { a: { $ref: '#/definitions/x~1y' } }, definitions: { 'x/y': { visibility: 'secret' } } },
      { a: 'one' },
      ['one'],
    ],
    [
      'in a schema that refers to itself',
      { $ref: '#', properties: { a: { $ref: '#' }, b: { visibility: 'secret' } } },
      { a: { a: { b: 'one' } } },
      ['one'],
    ],
    [
      'keys by pattern',
      { patternProperties: { '^x-': { visibility: 'secret' } } },
      { 'x-a': 'one', a: 'two' },
      ['one'],
    ],
    [
      'all further keys',
      { properties: { a: {} }, additionalProperties: { visibility: 'secret' } },
      { a: 'one', b: 'two' },
      ['two'],
    ],
    [
      'nothing through a broken pattern, or a reference elsewhere',
      { patternProperties: { '(': { visibility: 'secret' } }, properties: { a: { $ref: 'other.json' } } },
      { a: 'one' },
      [],
    ],
  ];

  for (const [title, schema, data, secrets] of schemaCases) {
    it(`knows by a schema: ${title}`, () => {
      const config = configOf(data, [{ packageName: 'x', schema: schema as never }]);

      expect(new ConfigSecrets(config.config).values()).to.have.members(secrets);
    });
  }

  it('keeps old secrets and says when there are new ones, before others learn of the change', () => {
    const { store, config } = configOf({ token: 'first', other: 1 });
    const told: string[] = [];
    config.subscribe(() => told.push('config'));
    const secrets = new ConfigSecrets(config);
    const end = secrets.subscribe(() => told.push(`secrets ${secrets.values().join()}`));

    store.replace(treeOf({ token: 'second', other: 1 }));
    store.replace(treeOf({ token: 'first', other: 2 }));
    end();
    store.replace(treeOf({ token: 'third', other: 2 }));

    expect(told).to.deep.equal(['secrets first,second', 'config', 'config', 'config']);
    expect(secrets.values()).to.deep.equal(['first', 'second', 'third']);
  });

  it('tells everybody, also after a listener that throws, which is reported', () => {
    const warnings: Problem[] = [];
    const { store, config } = configOf({ token: 'first' }, [], warning => warnings.push(warning));
    const secrets = new ConfigSecrets(config);
    const error = new Error('listener');
    let told = 0;
    secrets.subscribe(() => {
      throw error;
    });
    secrets.subscribe(() => told++);

    store.replace(treeOf({ token: 'second' }));

    expect(told).to.equal(1);
    expect(warnings.map(({ code, cause }) => [code, cause])).to.deep.equal([['CONFIG_SUBSCRIBER_FAILED', error]]);
  });

  it('follows no change once it is disposed', () => {
    const { store, config } = configOf({ token: 'first' });
    const secrets = new ConfigSecrets(config);

    secrets[Symbol.dispose]();
    store.replace(treeOf({ token: 'second' }));

    expect(secrets.values()).to.deep.equal(['first']);
  });

  it('shows a plugin only the secrets that it may read anyway', () => {
    const { config } = configOf({ a: { token: 'own one' }, b: { token: 'foreign' } });

    const view = new ConfigSecrets(config)[pluginView]({ pluginId: 'a', configKeys: [] });

    expect(view.values()).to.deep.equal(['own one']);
  });

  it('reads any other configuration service', () => {
    const { store, config } = configOf({ token: 'first' });
    const methods = {
      getOptional: () => config.getOptional(),
      subscribe: (listener: () => void) => config.subscribe(listener),
    };
    const foreign = Object.assign(Object.create(RootConfigService.prototype) as RootConfigService, methods);

    const secrets = new ConfigSecrets(foreign);
    store.replace(treeOf({ token: 'second' }));

    expect(secrets.values()).to.deep.equal(['first', 'second']);
    expect(secrets[pluginView]({ pluginId: 'a', configKeys: [] }).values()).to.deep.equal(['second']);
  });
});

function treeOf(data: object): ConfigObject {
  return plainConfig(data, 'here', []) as ConfigObject;
}

function configOf(data: object, schemas: Schema = [], warn?: (warning: Problem) => void) {
  const store = new ConfigStore(treeOf(data), schemas, warn);
  return { store, config: new RootConfig(store) };
}
