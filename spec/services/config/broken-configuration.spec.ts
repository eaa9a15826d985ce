import { expect } from 'chai';
import { formatProblem } from '../../../lib/errors/problem.js';
import { ConfigFolder } from './config-folder.js';

const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  .concat(
    [1, 2, 3, 4, 5, 6].map(
      i =>
        `a${i}: &a${i} [${Array.from({ length: 10 })
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
    ),
  )
  .join('\n');

const file = 'CONFIG_FILE';
const invalid = 'INVALID_CONFIG';
const missing = 'MISSING_CONFIG';

/** What stands in app-config.yaml, and the code, the place and some words of each problem with it. */
const broken: [title: string, text: string | Buffer, problems: [code: string, place: string, words: string][]][] = [
  ['a tab as indentation', 'a:\n  b: 1\nc:\n\td: hunter2\n', [[file, ':4:1', 'tab']]],
  ['an indentation that fits nothing', 'a:\n    b: 1\n  c: hunter2\n', [[file, ':3:1', 'indented']]],
  ['a second colon in a line', 'password: hunter2: x\n', [[file, ':1:11', 'second colon']]],
  ['a text that starts with a reserved character', 'a: @hunter2\n', [[file, ':1:4', 'reserves']]],
  ['an unknown escape', 'a: "hunter2\\q"\n', [[file, ':1:12', 'escape']]],
  ['a bracket that is not closed', 'a: [1, 2\nb: 1\n', [[file, ':2:1', 'indented']]],
  ['a word without a colon', 'a: 1\nhunter2\n', [[file, ':2:1', 'colon']]],
  ['a second document', 'a: 1\n---\nb: 2\n', [[file, ':2:1', 'more than one']]],
  ['a tag for code', 'a: 1\nb: !!js/function "hunter2"\n', [[file, ':2:4', 'tag']]],
  ['a tag for dates', 'b: !!timestamp 2001-01-01\n', [[file, ':1:16', 'tag']]],
  ['a tag for sets', 'b: !!set { x }\n', [[file, ':1:1', 'tag']]],
  ['a directive', '%HUNTER2\n---\na: 1\n', [[file, ':1:1', 'directive']]],
  ['a key that is there twice', 'a:\n  b: 1\n  c: 2\n  b: 3\n', [[file, ':4:3', "'a.b' is there twice"]]],
  ['an alias without an anchor', 'a: *hunter2\n', [[file, ':1:1', 'no anchor']]],
  ['an alias within its own anchor', 'a: &a [1, *a]\n', [[file, ':1:11', 'no anchor']]],
  ['a merge key', 'a: &a { x: 1 }\nb:\n  <<: *a\n', [[file, ':3:3', '$include']]],
  ['null as key', 'a:\n  ~: 1\n', [[file, ':2:3', "An entry below 'a' has no plain name"]]],
  ['nothing as key', ': 1\n', [[file, ':1:1', 'An entry has no plain name']]],
  ['a list as key', '? [a]\n: 1\n', [[file, ':1:3', 'no plain name']]],
  ['a billion laughs', bomb, [[file, ':1:37', 'more than 100000 values']]],
  ['a deep nest', `a: ${'['.repeat(20_000)}`, [[file, ':1:103', 'deeper than 100']]],
  ['a deep nest of keys', '? '.repeat(20_000), [[file, ':1:201', 'deeper than 100']]],
  ['a list at the top', '- hunter2\n', [[file, ':1:1', 'holds a list, not an object']]],
  ['a text at the top', 'hunter2\n', [[file, ':1:1', 'holds a string, not an object']]],
  ['more than a megabyte', `a: ${'x'.repeat(1024 * 1024)}`, [[file, 'app-config.yaml', 'larger than 1 MiB']]],
  ['bytes that are no text', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]), [[file, 'app-config.yaml', 'UTF-8']]],
  ['the key __proto__', 'a:\n  __proto__: { polluted: hunter2 }\n', [[invalid, ':2:3', "'a.__proto__'"]]],
  [
    'the keys constructor and prototype',
    'constructor: 1\nb: { prototype: 1 }\n',
    [
      [invalid, ':1:1', "'constructor'"],
      [invalid, ':2:6', "'b.prototype'"],
    ],
  ],
  ['a number without an end', 'a: .inf\n', [[invalid, ':1:4', 'finite']]],
  ['an unset variable', 'a:\n  b: x${NONE}y\n', [[missing, ':2:6', "'NONE' is not set"]]],
  [
    'two unset variables',
    'a: ${ NONE }${OTHER}\n',
    [
      [missing, ':1:4', "'NONE'"],
      [missing, ':1:4', "'OTHER'"],
    ],
  ],
  ['an unset variable in a list', 'a: [1, "${NONE}"]\n', [[missing, ':1:8', "key 'a[1]'"]]],
  ['an unset $env', 'a: { $env: NONE }\n', [[missing, ':1:12', "'NONE' is not set"]]],
  ['an unset variable in a path', 'a: { $file: "${NONE}/x" }\n', [[missing, ':1:13', "'NONE' is not set"]]],
  ['a $file that does not exist', 'a:\n  $file: none.txt\n', [[file, ':2:10', "'none.txt' does not exist"]]],
  ['a $file that is a folder', 'a:\n  $file: folder\n', [[file, ':2:10', 'is not a file']]],
  ['a $file above the folder', 'a: { $file: ../../etc/passwd }\n', [[file, ':1:13', 'outside']]],
  ['a $file with an absolute path', 'a: { $file: /etc/passwd }\n', [[file, ':1:13', 'outside']]],
  ['a $file over a link out of the folder', 'a: { $file: link/passwd }\n', [[file, ':1:13', 'outside']]],
  ['a $file that is the folder itself', 'a: { $file: . }\n', [[file, ':1:13', 'outside']]],
  ['an $include above the folder', 'a: { $include: ../x.yaml }\n', [[file, ':1:16', 'outside']]],
  ['an $include of itself', 'a:\n  $include: app-config.yaml\n', [[file, ':2:13', 'includes itself']]],
  ['an $include of a text file', 'a: { $include: text.txt }\n', [[file, ':1:16', 'no JSON or YAML file']]],
  ['an $include of a broken file', 'a: { $include: folder/broken.yaml }\n', [[file, 'folder/broken.yaml:2:1', 'tab']]],
  ['an $include of what is not in a file', 'a: { $include: "good.yaml#x.y" }\n', [[file, ':1:16', "nothing at 'x.y'"]]],
  ['keys beside $include', 'a:\n  b: 1\n  $include: good.yaml\n', [[file, ':3:13', 'other keys']]],
  ['a directive that means nothing', 'a: { $data: x }\n', [[file, ':1:13', "'$data' means nothing"]]],
  ['a $env that is a number', 'a: { $env: 12 }\n', [[file, ':1:12', 'needs a text']]],
  [
    'aliases that nest too deeply',
    Array.from({ length: 110 }, (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `*a${i - 1}`}]`).join('\n'),
    [[file, ':1:10', 'deeper than 100 levels']],
  ],
  [
    'objects that nest too deeply by aliases',
    Array.from({ length: 110 }, (_, i) => `a${i}: &a${i} { x: ${i === 0 ? 'x' : `*a${i - 1}`} }`).join('\n'),
    [[file, ':1:14', 'deeper than 100 levels']],
  ],
  [
    'includes that nest too deeply',
    Array.from({ length: 110 }, (_, i) => `a${i}: { $include: "app-config.yaml#a${i + 1}" }`).join('\n') + '\na110: x',
    [[file, ':101:1', 'deeper than 100 levels']],
  ],
  [
    'several mistakes at once',
    'a: { $file: none }\nb: ${NONE}\nc: { $env: GONE }\n',
    [
      [file, ':1:13', 'none'],
      [missing, ':2:4', 'NONE'],
      [missing, ':3:12', 'GONE'],
    ],
  ],
];

describe('A broken configuration', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder({
      'good.yaml': 'key: 1\n',
      'text.txt': 'hunter2',
      'folder/broken.yaml': 'x:\n\ty: hunter2\n',
    });
    folder.link('link', '/etc');
  });

  afterEach(() => folder[Symbol.dispose]());

  for (const [title, text, expected] of broken) {
    it(`is reported, with its place and without its values: ${title}`, async () => {
      folder.write('app-config.yaml', text);

      const { problems } = await folder.load();

      expect(problems.map(({ code }) => code)).to.deep.equal(expected.map(([code]) => code));
      expected.forEach(([, place, words], index) => {
        const problem = problems[index]!;
        const told = formatProblem(problem);
        expect(problem.path.join()).to.match(new RegExp(`${place.replaceAll('.', '\\.')}\\)?$`));
        expect(told).to.contain(words);
        expect(problem.fix).to.match(/^[\w'$].*\.$/);
        expect(told).not.to.match(/hunter2(?!')/);
      });
    });
  }

  it('is reported for all files at once', async () => {
    folder.write('app-config.yaml', 'a:\n\tb: 1');
    folder.write('app-config.local.yaml', 'c: [');

    const { problems } = await folder.load({ env: { 'APP_CONFIG_d-': '1' } });

    expect(problems.map(({ path }) => path[0])).to.deep.equal([
      'in app-config.yaml:2:1',
      'in app-config.local.yaml:1:5',
      'in environment APP_CONFIG_d-',
    ]);
  });

  it('still gives what could be read', async () => {
    folder.write('app-config.yaml', 'a: 1\nb: { $file: none }\n');

    const { config } = await folder.load();

    expect(config.get()).to.deep.equal({ a: 1 });
  });

  it('pollutes no prototype', async () => {
    folder.write('app-config.yaml', '__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n');

    const { config } = await folder.load({ env: { APP_CONFIG_a: '{"__proto__":{"polluted":1}}' } });

    expect(config.get()).to.deep.equal({ a: {} });
    expect(({} as { polluted?: number }).polluted).to.equal(undefined);
  });

  const named: [title: string, options: object, words: string][] = [
    [
      'a file that --config names and that does not exist',
      { argv: ['--config', '/none.yaml'] },
      "'/none.yaml' does not exist",
    ],
    ['a file that the options name and that does not exist', { config: 'none.yaml' }, "'none.yaml' does not exist"],
    ['--config without a name', { argv: ['--config'] }, '--config names no file'],
    ['--config with another option as its name', { argv: ['--config', '--watch'] }, '--config names no file'],
    ['--config with a URL', { argv: ['--config=https://user:hunter2@host/x'] }, '--config names a URL'],
    ['a folder', { config: 'folder' }, "'folder' is not a file"],
    ['an environment that is a path', { env: { BACKPLANE_ENV: '../x' } }, 'no name of an environment'],
    [
      'an environment without a file',
      { env: { BACKPLANE_ENV: 'prod' } },
      "'prod', and there is no app-config.prod.yaml",
    ],
  ];

  for (const [title, options, words] of named) {
    it(`is reported: ${title}`, async () => {
      const { problems, config } = await folder.load(options);

      expect(problems).to.have.length(1);
      expect(problems[0]!.message).to.contain(words);
      expect(formatProblem(problems[0]!)).not.to.contain('hunter2');
      expect(config.get()).to.deep.equal({});
    });
  }
});
