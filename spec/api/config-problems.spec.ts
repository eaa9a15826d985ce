import { expect } from 'chai';
import type { Config, JsonObject } from '../../lib/api/config-service.js';
import { configProblems } from '../../lib/api/config-problems.js';
import { ConfigError } from '../../lib/errors/config-error.js';
import { loadConfiguration } from '../../lib/services/config/load-configuration.js';

async function configOf(data: JsonObject): Promise<Config> {
  return (await loadConfiguration({ config: data, root: process.cwd() })).config;
}

describe('configProblems()', () => {
  it('finds every wrong value, although the reader throws at the first', async () => {
    const config = await configOf({ a: 'x', b: 1, c: { d: 'y', e: [{ f: 1 }, { f: 'z' }] } });

    const problems = configProblems(config, view => {
      view.getOptionalNumber('a');
      view.getOptionalNumber('b');
      view.getOptionalConfig('c')?.getDuration('d');
      for (const entry of view.getOptionalConfigArray('c.e') ?? []) entry.getNumber('f');
    });

    expect(problems.map(({ message }) => /'(.+?)'/.exec(message)?.[1])).to.deep.equal(['a', 'c.d', 'c.e[1].f']);
  });

  it('finds what is missing', async () => {
    const problems = configProblems(await configOf({}), view => [
      view.getString('a'),
      view.getConfig('b').getString('c'),
    ]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['MISSING_CONFIG', 'MISSING_CONFIG', 'MISSING_CONFIG']);
  });

  it('finds what the reader itself refuses, by the place it asks for', async () => {
    const refuse = (config: Config, path: string) => {
      if (config.getOptional(path) !== undefined) {
        throw new ConfigError({ code: 'INVALID_CONFIG', message: path, path: [config.placeOf(path)!], fix: 'x' });
      }
    };

    const problems = configProblems(await configOf({ a: 1, b: 2 }), view => [refuse(view, 'a'), refuse(view, 'b')]);

    expect(problems.map(({ message }) => message)).to.deep.equal(['a', 'b']);
  });

  it('ends with a reader that refuses whatever it is given', async () => {
    const error = new ConfigError({ code: 'INVALID_CONFIG', message: 'never', path: [], fix: 'x' });

    const problems = configProblems(await configOf({}), () => {
      throw error;
    });

    expect(problems).to.have.length(1);
  });

  it('finds nothing where nothing is wrong', async () => {
    expect(configProblems(await configOf({ a: 1 }), view => view.getNumber('a'))).to.deep.equal([]);
  });

  it('throws what has nothing to do with the configuration', async () => {
    const config = await configOf({});

    expect(() =>
      configProblems(config, () => {
        throw new RangeError('mistake');
      }),
    ).to.throw(RangeError);
  });
});
