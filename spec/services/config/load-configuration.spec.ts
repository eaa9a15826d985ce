import { expect } from 'chai';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runInNewContext } from 'node:vm';
import { ConfigFolder } from './config-folder.js';

describe('loadConfiguration()', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder();
  });

  afterEach(() => folder[Symbol.dispose]());

  it('reads the usual files, each winning over those before it, and the environment over all', async () => {
    const names = ['app-config', 'app-config.one', 'app-config.two', 'app-config.local', 'app-config.one.local'];
    names.forEach((name, index) => {
      const keys = names.slice(index).map((_, offset) => `k${index + offset}: ${name}`);
      folder.write(`${name}.yaml`, [...keys, `k5: ${name}`].join('\n'));
    });

    const { config, problems } = await folder.load({
      env: { BACKPLANE_ENV: 'one, two', APP_CONFIG_k5: 'environment' },
    });

    expect(problems).to.deep.equal([]);
    expect(config.get()).to.deep.equal({
      k0: 'app-config',
      k1: 'app-config.one',
      k2: 'app-config.two',
      k3: 'app-config.local',
      k4: 'app-config.one.local',
      k5: 'environment',
    });
    expect(config.placeOf('k3')).to.equal('app-config.local.yaml:1:5');
    expect(config.placeOf('k5')).to.equal('environment APP_CONFIG_k5');
  });

  it('merges objects, replaces lists and values, and removes what is null', async () => {
    folder.write(
      'app-config.yaml',
      'a: { x: 1, y: 2, z: { q: 1 } }\nlist: [1, 2, 3]\nvalue: { deep: 1 }\ngone: { a: 1 }\nnone: null',
    );
    folder.write('app-config.local.yaml', 'a: { y: 3, z: { r: 2 } }\nlist: [4]\nvalue: flat\ngone: null');

    const { config } = await folder.load();

    expect(config.get()).to.deep.equal({ a: { x: 1, y: 3, z: { q: 1, r: 2 } }, list: [4], value: 'flat' });
    expect([config.has('gone'), config.has('none'), config.has('gone.a')]).to.deep.equal([false, false, false]);
  });

  it('lets a later file give a removed key a new value without the old one below it', async () => {
    folder.write('a.yaml', 'key: { old: 1 }');
    folder.write('b.yaml', 'key: null');
    folder.write('c.yaml', 'key: { new: 2 }');

    const { config } = await folder.load({ config: ['a.yaml', 'b.yaml', 'c.yaml'] });

    expect(config.get('key')).to.deep.equal({ new: 2 });
  });

  it('reads nothing where there is no file, and where all of them are empty', async () => {
    const none = await folder.load();
    folder.write('app-config.yaml', '# nothing yet\n');
    folder.write('app-config.local.yaml', '');
    folder.write('app-config.null.yaml', '~\n');
    const empty = await folder.load({ env: { BACKPLANE_ENV: 'null' } });

    expect([none.problems, none.config.get()]).to.deep.equal([[], {}]);
    expect([empty.problems, empty.config.get()]).to.deep.equal([[], {}]);
  });

  it('knows an environment by its local file, and the one that a name may mean', async () => {
    folder.write('app-config.yaml', 'a: 1');
    folder.write('app-config.staging.local.yaml', 'a: 2');

    const local = await folder.load({ env: { BACKPLANE_ENV: 'staging' } });
    const misspelt = await folder.load({ env: { BACKPLANE_ENV: 'stagin' } });

    expect([local.problems, local.config.get('a')]).to.deep.equal([[], 2]);
    expect(misspelt.problems.map(({ fix }) => fix)).to.deep.equal([`did you mean 'staging'? Otherwise create it.`]);
  });

  it('reads the named files instead of the usual ones', async () => {
    folder.write('app-config.yaml', 'usual: true');
    folder.write('conf/first.yaml', 'a: 1\nb: 1');
    folder.write('conf/second.json', '{ "b": 2 }');

    const { config } = await folder.load({ config: ['conf/first.yaml', 'conf/second.json'] });

    expect(config.get()).to.deep.equal({ a: 1, b: 2 });
  });

  it('reads what --config names instead of everything else', async () => {
    folder.write('app-config.yaml', 'usual: true');
    folder.write('option.yaml', 'option: true');
    folder.write('first.yaml', 'a: 1\nb: 1');
    folder.write('second.yaml', 'b: 2');
    const first = relative(process.cwd(), join(folder.path, 'first.yaml'));
    const argv = [
      '--config',
      first,
      'x',
      `--config=${join(folder.path, 'second.yaml')}`,
      '--',
      '--config',
      'none.yaml',
    ];

    const { config, problems } = await folder.load({ argv, config: 'option.yaml' });

    expect(problems).to.deep.equal([]);
    expect(config.get()).to.deep.equal({ a: 1, b: 2 });
  });

  it('reads keys that YAML takes for numbers or booleans as they are written', async () => {
    folder.write('app-config.yaml', '1.0: a\n0x1F: b\ntrue: c\n');

    const { config } = await folder.load();

    expect(config.get()).to.deep.equal({ '1.0': 'a', '0x1F': 'b', true: 'c' });
  });

  it('takes plain data as it is, and nothing from files or the environment', async () => {
    folder.write('app-config.yaml', 'file: true');

    const { config, problems } = await folder.load({
      config: { text: '${HOME}', gone: null, list: [{ a: 1 }] },
      argv: ['--config', 'none.yaml'],
      env: { APP_CONFIG_env: '1', HOME: '/root' },
    });

    expect(problems).to.deep.equal([]);
    expect(config.get()).to.deep.equal({ text: '${HOME}', list: [{ a: 1 }] });
    expect(config.placeOf('list[0].a')).to.equal("option 'config'");
  });

  it('takes plain data of any realm, and without a prototype', async () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });

    const { config, problems } = await folder.load({
      config: { bare, foreign: runInNewContext('({ b: [2] })') } as never,
    });

    expect(problems).to.deep.equal([]);
    expect(config.get()).to.deep.equal({ bare: { a: 1 }, foreign: { b: [2] } });
  });

  it('does not see later changes of plain data', async () => {
    const data = { list: ['a'] };

    const { config } = await folder.load({ config: data });
    data.list.push('b');

    expect(config.get('list')).to.deep.equal(['a']);
  });

  it('refuses plain data that is not JSON, naming each key', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const list: unknown[] = [];
    list.push(list);
    const data = { when: new Date(), list: [() => 1], nan: Number.NaN, none: undefined, cyclic, endless: list };

    const { problems } = await folder.load({ config: data as never });

    expect(problems.map(({ code }) => code)).to.deep.equal(Array.from({ length: 5 }).fill('INVALID_CONFIG'));
    expect(problems.map(({ message }) => /'(\w+)/.exec(message)?.[1])).to.deep.equal([
      'when',
      'list',
      'nan',
      'cyclic',
      'endless',
    ]);
  });

  it('finds the usual files in the nearest folder that has them, within the workspace', async () => {
    folder.write('repo/package.json', '{ "workspaces": ["packages/*"] }');
    folder.write('repo/app-config.yaml', 'from: repo');
    folder.write('app-config.yaml', 'from: outside');
    mkdirSync(join(folder.path, 'repo/packages/backend'), { recursive: true });
    const root = join(folder.path, 'repo/packages/backend');

    const above = await folder.load({ root });
    folder.write('repo/packages/backend/app-config.yaml', 'from: backend');
    const own = await folder.load({ root });

    expect(above.config.get()).to.deep.equal({ from: 'repo' });
    expect(own.config.get()).to.deep.equal({ from: 'backend' });
  });

  it('takes a folder with pnpm-workspace.yaml for the root of a workspace', async () => {
    folder.write('repo/pnpm-workspace.yaml', '');
    folder.write('repo/app-config.yaml', 'from: repo');
    mkdirSync(join(folder.path, 'repo/backend'));

    const { config } = await folder.load({ root: join(folder.path, 'repo/backend') });

    expect(config.get()).to.deep.equal({ from: 'repo' });
  });

  it('names given files relative to the given folder, wherever the usual ones are', async () => {
    folder.write('package.json', '{ "workspaces": [] }');
    folder.write('app-config.yaml', 'usual: true');
    folder.write('backend/given.yaml', 'given: true');

    const { config } = await folder.load({ root: join(folder.path, 'backend'), config: 'given.yaml' });

    expect(config.placeOf('given')).to.equal('given.yaml:1:8');
  });

  it('does not look above the workspace', async () => {
    folder.write('app-config.yaml', 'from: outside');
    mkdirSync(join(folder.path, 'repo/.git'), { recursive: true });
    mkdirSync(join(folder.path, 'alone'));

    const inRepository = await folder.load({ root: join(folder.path, 'repo') });
    const alone = await folder.load({ root: join(folder.path, 'alone') });

    expect(inRepository.config.get()).to.deep.equal({});
    expect(alone.config.get()).to.deep.equal({});
  });

  it('names files relative to the folder of the configuration, also where it is reached over a link', async () => {
    folder.write('real/app-config.yaml', 'a: 1\nb: { $include: more.yaml }');
    folder.write('real/more.yaml', 'c: 2');
    folder.link('linked', 'real');

    const { config } = await folder.load({ root: join(folder.path, 'linked') });

    expect([config.placeOf('a'), config.placeOf('b.c')]).to.deep.equal(['app-config.yaml:1:4', 'more.yaml:1:4']);
  });
});
