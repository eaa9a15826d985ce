import { expect } from 'chai';
import { ConfigFolder } from './config-folder.js';

const values: [env: Record<string, string>, expected: unknown][] = [
  [{ APP_CONFIG_a: 'text' }, { a: 'text' }],
  [{ APP_CONFIG_a: '' }, { a: '' }],
  [{ APP_CONFIG_a: '12' }, { a: 12 }],
  [{ APP_CONFIG_a: 'true' }, { a: true }],
  [{ APP_CONFIG_a: '"12"' }, { a: '12' }],
  [{ APP_CONFIG_a: '{"b":[1]}' }, { a: { b: [1] } }],
  [{ APP_CONFIG_a: '{broken' }, { a: '{broken' }],
  [{ APP_CONFIG_a: '${HOME}' }, { a: '${HOME}' }],
  [{ APP_CONFIG_a_b_c: '1', APP_CONFIG_a_d: '2' }, { a: { b: { c: 1 }, d: 2 } }],
  [{ 'APP_CONFIG_a_b-c_d:e': '1' }, { a: { 'b-c': { 'd:e': 1 } } }],
  [{ APP_CONFIG_a_c: '2', APP_CONFIG_a: '{"b":1}' }, { a: { b: 1, c: 2 } }],
  [{ APP_CONFIG: 'x', OTHER_APP_CONFIG_a: 'x', app_config_a: 'x' }, {}],
];

const refused: [env: Record<string, string>, words: string][] = [
  [{ APP_CONFIG_a: 'null' }, 'cannot remove a key'],
  [{ APP_CONFIG_: '1' }, 'names no configuration key'],
  [{ APP_CONFIG_a__b: '1' }, 'names no configuration key'],
  [{ APP_CONFIG_1a: '1' }, 'names no configuration key'],
  [{ 'APP_CONFIG_a b': '1' }, 'names no configuration key'],
  [{ APP_CONFIG_a_b: '2', APP_CONFIG_a: '1' }, "'APP_CONFIG_a_b' sets what 'APP_CONFIG_a' sets too"],
  [{ APP_CONFIG_a_b: '2', APP_CONFIG_a: '{"b":1}' }, "'APP_CONFIG_a_b' sets what 'APP_CONFIG_a' sets too"],
  [{ APP_CONFIG_a: '{"b":{"__proto__":1}}' }, "'a.b.__proto__'"],
];

describe('APP_CONFIG_* in the environment', () => {
  for (const [env, expected] of values) {
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(env)}`, async () => {
      using folder = new ConfigFolder();

      const { config, problems, warnings } = await folder.load({ env });

      expect([problems, warnings]).to.deep.equal([[], []]);
      expect(config.get()).to.deep.equal(expected);
    });
  }

  for (const [env, words] of refused) {
    it(`is a problem as ${JSON.stringify(env)}`, async () => {
      using folder = new ConfigFolder();

      const { problems } = await folder.load({ env });

      expect(problems.map(({ code }) => code)).to.deep.equal(['INVALID_CONFIG']);
      expect(problems[0]!.message).to.contain(words);
      expect(problems[0]!.path.join()).to.contain('environment APP_CONFIG_');
    });
  }

  it('leaves a key as it was where it cannot be used', async () => {
    using folder = new ConfigFolder({ 'app-config.yaml': 'a: kept\n' });

    const { config } = await folder.load({ env: { APP_CONFIG_a: 'null' } });

    expect(config.get()).to.deep.equal({ a: 'kept' });
  });

  for (const name of [
    'APP_CONFIG___proto___x',
    'APP_CONFIG_a___proto___x',
    'APP_CONFIG_constructor_x',
    'APP_CONFIG_a_prototype',
  ]) {
    it(`is ignored with a warning as ${name}`, async () => {
      using folder = new ConfigFolder();

      const { config, problems, warnings } = await folder.load({ env: { [name]: '1', APP_CONFIG_z: '2' } });

      expect(problems).to.deep.equal([]);
      expect(warnings.map(({ message }) => message)).to.deep.equal([
        `Environment variable '${name}' is ignored: it names a key that JavaScript reserves`,
      ]);
      expect(config.get()).to.deep.equal({ z: 2 });
    });
  }
});
