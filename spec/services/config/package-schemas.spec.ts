import { expect } from 'chai';
import { join } from 'node:path';
import { collectConfigSchemas } from '../../../lib/services/config/package-schemas.js';
import { ConfigFolder } from './config-folder.js';

const schema = { properties: { catalog: { type: 'object' } } };

describe('Schemas declared by packages', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder();
  });

  afterEach(() => folder[Symbol.dispose]());

  function writePackage(name: string, manifest: object): void {
    folder.write(`${name}/package.json`, JSON.stringify({ name: name.split('node_modules/').pop(), ...manifest }));
  }

  it('are written in package.json, or in a file that it names', () => {
    writePackage('app', { name: 'app', configSchema: schema, dependencies: { named: '1' } });
    writePackage('app/node_modules/named', { configSchema: 'conf/schema.json' });
    folder.write('app/node_modules/named/conf/schema.json', JSON.stringify({ title: 'named' }));

    const { schemas, problems } = collectConfigSchemas(join(folder.path, 'app'));

    expect(problems).to.deep.equal([]);
    expect(schemas).to.deep.equal([
      { packageName: 'app', schema },
      { packageName: 'named', schema: { title: 'named' } },
    ]);
  });

  it('are found through packages that know the framework, and only through them', () => {
    writePackage('app', { dependencies: { plugin: '1', library: '1', absent: '1' } });
    writePackage('node_modules/plugin', {
      backplane: { role: 'backend-plugin' },
      dependencies: { node: '1', app: '1' },
    });
    writePackage('node_modules/node', { dependencies: { common: '1' }, peerDependencies: { backplane: '1' } });
    writePackage('node_modules/node/node_modules/common', {
      configSchema: schema,
      optionalDependencies: { plugin: '1' },
    });
    writePackage('node_modules/library', { dependencies: { hidden: '1' } });
    writePackage('node_modules/hidden', { configSchema: schema });

    const { schemas } = collectConfigSchemas(join(folder.path, 'app'));

    expect(schemas.map(({ packageName }) => packageName)).to.deep.equal(['common']);
  });

  for (const [title, configSchema, words] of [
    ['of a type that cannot be one', 12, 'neither an object nor a path'],
    ['in a TypeScript declaration', 'config.d.ts', 'no .json file'],
    ['in a file that does not exist', 'none.json', 'does not exist'],
    ['in a file outside of the package', '../outside.json', 'outside of the package'],
    ['in a file that holds no JSON', 'broken.json', 'no JSON object'],
    ['in a file that holds a list', 'list.json', 'no JSON object'],
  ] as const) {
    it(`are refused ${title}`, () => {
      writePackage('app', { name: 'app', configSchema });
      folder.write('outside.json', '{}');
      folder.write('app/broken.json', '{');
      folder.write('app/list.json', '[]');

      const { schemas, problems } = collectConfigSchemas(join(folder.path, 'app'));

      expect(schemas).to.deep.equal([]);
      expect(problems.map(({ code, path }) => [code, path])).to.deep.equal([
        ['INVALID_CONFIG_SCHEMA', ["in package 'app'"]],
      ]);
      expect(problems[0]!.message).to.contain(words);
      expect(problems[0]!).not.to.have.property('cause');
    });
  }
});
