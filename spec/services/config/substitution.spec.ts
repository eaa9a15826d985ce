import { expect } from 'chai';
import { ConfigFolder } from './config-folder.js';

const env = { NAME: 'world', EMPTY: '', SPACES: '  x  ', NESTED: '${NAME}', PORT: '7007' };

const table: [text: string, expected: unknown][] = [
  ['hello', 'hello'],
  ['hello ${NAME}', 'hello world'],
  ['${NAME}${NAME}', 'worldworld'],
  ['${ NAME }', 'world'],
  ['${PORT}', '7007'],
  ['${SPACES}', 'x'],
  ['${EMPTY}', ''],
  ['${NONE:-fallback}', 'fallback'],
  ['${EMPTY:-fallback}', 'fallback'],
  ['${NAME:-fallback}', 'world'],
  ['${NONE:-}', ''],
  ['${NONE:- a:-b }', ' a:-b '],
  ['$${NAME}', '${NAME}'],
  ['$${NAME} ${NAME}', '${NAME} world'],
  ['$$${NAME}', '$${NAME}'],
  ['${NESTED}', '${NAME}'],
  ['$NAME', '$NAME'],
  ['${NAME', '${NAME'],
  ['{NAME}', '{NAME}'],
];

describe('Substitution in configuration files', () => {
  for (const [text, expected] of table) {
    it(`makes '${String(expected)}' of '${text}'`, async () => {
      using folder = new ConfigFolder({
        'app-config.yaml': `a: ${JSON.stringify(text)}\nb: [${JSON.stringify(text)}]\n`,
      });

      const { config, problems } = await folder.load({ env });

      expect(problems).to.deep.equal([]);
      expect(config.get()).to.deep.equal({ a: expected, b: [expected] });
    });
  }

  it('does not take for a variable what every object has', async () => {
    using folder = new ConfigFolder({ 'app-config.yaml': 'a: ${constructor}\n' });

    const { problems } = await folder.load({ env });

    expect(problems.map(({ code }) => code)).to.deep.equal(['MISSING_CONFIG']);
  });

  it('needs no variable for a value that a later file replaces or removes', async () => {
    using folder = new ConfigFolder({
      'app-config.yaml': 'a: ${NONE}\nb: { $env: NONE }\nc: { d: "${NONE}" }\n',
      'app-config.local.yaml': 'a: 1\nb: null\nc: { d: 2 }\n',
    });

    const { config, problems } = await folder.load();

    expect(problems).to.deep.equal([]);
    expect(config.get()).to.deep.equal({ a: 1, c: { d: 2 } });
  });

  it('reads variables, files and other configuration files, the names of which may hold variables', async () => {
    using folder = new ConfigFolder({
      'app-config.yaml': [
        'env: { $env: SPACES }',
        'empty: { $env: EMPTY }',
        'file: { $file: "secrets/${NAME}.txt" }',
        'whole: { $include: parts/whole.json }',
        'part: { $include: "parts/part.yaml#deep.list[1]" }',
        'text: { $include: "parts/part.yaml#text" }',
        'self: { $include: "app-config.yaml#env" }',
      ].join('\n'),
      'secrets/world.txt': '  ${NAME}\n\n',
      'parts/whole.json': '{\n\t"a": [1, 2],\n\t"b": { "$include": "part.yaml#deep" }\n}',
      'parts/part.yaml':
        'deep: { list: [1, { x: "${NAME}" }] }\ntext: ${NAME}\nfile: { $file: ../secrets/world.txt }\n',
    });

    const { config, problems } = await folder.load({ env });

    expect(problems).to.deep.equal([]);
    expect(config.get()).to.deep.equal({
      env: 'x',
      empty: '',
      file: '  ${NAME}',
      whole: { a: [1, 2], b: { list: [1, { x: 'world' }] } },
      part: { x: 'world' },
      text: 'world',
      self: 'x',
    });
    expect(config.placeOf('whole.b.list[1].x')).to.equal('parts/part.yaml:1:24');
    expect(config.placeOf('file')).to.equal('app-config.yaml:3:16');
  });

  it('lets an included file take files from all of the folder of the configuration', async () => {
    using folder = new ConfigFolder({
      'app-config.yaml': 'a: { $include: parts/part.yaml }\n',
      'parts/part.yaml': 'b: { $file: ../secrets/x.txt }\n',
      'secrets/x.txt': 'secret',
    });

    const { config } = await folder.load();

    expect(config.get()).to.deep.equal({ a: { b: 'secret' } });
  });

  it('takes files from other folders that BACKPLANE_CONFIG_FOLDERS names, and from no more', async () => {
    using secrets = new ConfigFolder({ 'db/password': 'from outside\n', other: 'x' });
    using folder = new ConfigFolder({
      'app-config.yaml': `a: { $file: ${secrets.path}/db/password }\nb: { $file: ${secrets.path}/other }\n`,
    });

    const { config, problems } = await folder.load({
      env: { BACKPLANE_CONFIG_FOLDERS: `/nowhere:${secrets.path}/db` },
    });

    expect(config.get()).to.deep.equal({ a: 'from outside' });
    expect(problems.map(({ path }) => path)).to.deep.equal([["in configuration key 'b' (app-config.yaml:2:13)"]]);
  });

  it('refuses a circle of includes and names its files', async () => {
    using folder = new ConfigFolder({
      'app-config.yaml': 'a: { $include: b.yaml }\n',
      'b.yaml': 'b: { $include: "c.yaml#x" }\n',
      'c.yaml': 'x: { $include: b.yaml }\n',
    });

    const { problems } = await folder.load();

    expect(problems.map(({ message }) => message)).to.deep.equal([
      "'b.yaml' includes itself: 'b.yaml' -> 'c.yaml#x' -> 'b.yaml'",
    ]);
  });

  it('reads an alias where it is used, and counts its anchor as its place', async () => {
    using folder = new ConfigFolder({ 'app-config.yaml': 'a: &a { x: "${NAME}" }\nb: *a\nc: [*a]\n' });

    const { config, problems } = await folder.load({ env });

    expect(problems).to.deep.equal([]);
    expect(config.get()).to.deep.equal({ a: { x: 'world' }, b: { x: 'world' }, c: [{ x: 'world' }] });
    expect(config.placeOf('b.x')).to.equal('app-config.yaml:1:12');
  });
});
