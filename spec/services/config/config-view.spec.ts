import { expect } from 'chai';
import type { Config } from '../../../lib/api/config-service.js';
import { ConfigError } from '../../../lib/errors/config-error.js';
import { ConfigFolder } from './config-folder.js';

const file = `
text: hello
empty: ''
number: 42
numeric: ' 17 '
yes: 'yes'
on: 'ON'
one: 1
no: n
off: false
wait: 30s
longer: { minutes: 5 }
list: [a, b]
mixed:
  - a
  - 2
deep:
  deeper: { value: x }
services:
  - name: first
  - name: second
    port: 7007
numbers: { zero: 0, blank: ' ', infinite: 'Infinity', two: 2 }
holes: [a, null]
`;

const messageOf = (read: () => unknown): string => {
  try {
    return String(read());
  } catch (error) {
    return (error as ConfigError).problem.message;
  }
};

describe('ConfigView', () => {
  let folder: ConfigFolder;
  let config: Config;

  before(async () => {
    folder = new ConfigFolder({ 'app-config.yaml': file });
    config = (await folder.load()).config;
  });

  after(() => folder[Symbol.dispose]());

  const values: [title: string, read: (config: Config) => unknown, expected: unknown][] = [
    ['a string', c => c.getString('text'), 'hello'],
    ['a number', c => c.getNumber('number'), 42],
    ['a number written as text', c => c.getNumber('numeric'), 17],
    ['zero', c => c.getNumber('numbers.zero'), 0],
    ["'yes' as true", c => c.getBoolean('yes'), true],
    ["'ON' as true", c => c.getBoolean('on'), true],
    ['1 as true', c => c.getBoolean('one'), true],
    ["'n' as false", c => c.getBoolean('no'), false],
    ['false', c => c.getOptionalBoolean('off'), false],
    ['a duration', c => c.getDuration('wait'), 30_000],
    ['a duration written as an object', c => c.getOptionalDuration('longer'), 300_000],
    ['a number of milliseconds', c => c.getDuration('number'), 42],
    ['a list of strings', c => c.getStringArray('list'), ['a', 'b']],
    ['a value below two keys', c => c.getString('deep.deeper.value'), 'x'],
    ['a section', c => c.getConfig('deep').getString('deeper.value'), 'x'],
    ['an item of a list', c => c.getString('services[1].name'), 'second'],
    ['a list of sections', c => c.getConfigArray('services').map(s => s.getOptionalNumber('port')), [undefined, 7007]],
    ['the keys of a section', c => c.getConfig('numbers').keys(), ['zero', 'blank', 'infinite', 'two']],
    ['plain data', c => c.get('deep'), { deeper: { value: 'x' } }],
    [
      'whether a key is there',
      c => [c.has('deep.deeper'), c.has('deep.other'), c.has('text.below')],
      [true, false, false],
    ],
    ['the line of a value', c => c.placeOf('text'), 'app-config.yaml:2:7'],
    ['the line of the key of a section', c => c.placeOf('deep.deeper'), 'app-config.yaml:18:3'],
    ['the line of an item', c => c.placeOf('mixed[1]'), 'app-config.yaml:16:5'],
    ['no line of what is not there', c => c.placeOf('other'), undefined],
    [
      'undefined for each optional value that is not there',
      c => [
        c.getOptional('x'),
        c.getOptionalString('x'),
        c.getOptionalNumber('deep.x'),
        c.getOptionalBoolean('x'),
        c.getOptionalStringArray('x'),
        c.getOptionalConfig('x'),
        c.getOptionalConfigArray('x'),
        c.getOptionalDuration('x'),
      ],
      Array.from({ length: 8 }).fill(undefined),
    ],
    ['nothing of what JavaScript gives every object', c => c.getOptional('constructor.name'), undefined],
  ];

  for (const [title, read, expected] of values) {
    it(`reads ${title}`, () => {
      expect(read(config)).to.deep.equal(expected);
    });
  }

  it('reads the sections and lists that optional getters find', () => {
    expect(config.getOptionalConfig('deep')?.keys()).to.deep.equal(['deeper']);
    expect(config.getOptionalConfigArray('services')?.map(service => service.getString('name'))).to.deep.equal([
      'first',
      'second',
    ]);
    expect(config.getOptionalStringArray('list')).to.deep.equal(['a', 'b']);
  });

  for (const [expected, words] of [
    [true, ['true', 'True', ' yes ', 'y', 'on', '1', true, 1]],
    [false, ['false', 'FALSE', 'no', ' n ', 'off', '0', false, 0]],
  ] as const) {
    it(`takes ${words.map(word => JSON.stringify(word)).join(', ')} for ${expected}`, async () => {
      using other = new ConfigFolder();
      const data = Object.fromEntries(words.map((word, index) => [`k${index}`, word]));

      const { config: booleans } = await other.load({ config: data });

      expect(booleans.keys().map(key => booleans.getBoolean(key))).to.deep.equal(words.map(() => expected));
    });
  }

  it('shows what was written for a duration, unless that is a secret', async () => {
    const written = ['every: soon', 'least: -5', 'token: abc', 'user: a@b', 'from: 5${SPEC_PART}', 'pin: hunter2'];
    using other = new ConfigFolder({ 'app-config.yaml': [...written, 'password: hunter2'].join('\n') });
    const { config: durations } = await other.load({ env: { SPEC_PART: 'parts' } });

    const said = durations.keys().map(key => messageOf(() => durations.getDuration(key)).replace(/.* not /, ''));

    expect(said).to.deep.equal(["'soon'", '-5', ...Array.from({ length: 5 }, () => 'a string')]);
  });

  const mistakes: [title: string, read: (config: Config) => unknown, code: string, message: string, place: string][] = [
    [
      'a number as string',
      c => c.getString('number'),
      'INVALID_CONFIG',
      "'number' must be a non-empty string, not a number",
      ':4:9',
    ],
    ['an empty string', c => c.getOptionalString('empty'), 'INVALID_CONFIG', 'not an empty string', ':3:8'],
    ['a word as number', c => c.getNumber('text'), 'INVALID_CONFIG', "'text' must be a number, not a string", ':2:7'],
    ['white space as number', c => c.getNumber('numbers.blank'), 'INVALID_CONFIG', 'must be a number', ':23:28'],
    ['an infinite number', c => c.getNumber('numbers.infinite'), 'INVALID_CONFIG', 'must be a number', ':23:43'],
    ['true as number', c => c.getNumber('off'), 'INVALID_CONFIG', 'not a boolean', ':10:6'],
    [
      'a word as boolean',
      c => c.getBoolean('text'),
      'INVALID_CONFIG',
      "'text' must be true or false, not a string",
      ':2:7',
    ],
    ['2 as boolean', c => c.getBoolean('numbers.two'), 'INVALID_CONFIG', 'must be true or false', ':23:60'],
    [
      'a numeric string as duration',
      c => c.getDuration('numeric'),
      'INVALID_CONFIG',
      "must be a duration, not ' 17 '",
      ':5:10',
    ],
    [
      'a list with a number',
      c => c.getStringArray('mixed'),
      'INVALID_CONFIG',
      "'mixed[1]' must be a non-empty string",
      ':16:5',
    ],
    ['a list with null', c => c.getStringArray('holes'), 'INVALID_CONFIG', 'not null', ':24:12'],
    [
      'a string as list',
      c => c.getOptionalStringArray('text'),
      'INVALID_CONFIG',
      'must be a list, not a string',
      ':2:7',
    ],
    ['a list as section', c => c.getConfig('list'), 'INVALID_CONFIG', 'must be an object, not a list', ':13:1'],
    ['strings as sections', c => c.getConfigArray('list'), 'INVALID_CONFIG', "'list[0]' must be an object", ':13:8'],
    [
      'a key below a string',
      c => c.getOptionalString('text.below'),
      'INVALID_CONFIG',
      "'text' must be an object",
      ':2:7',
    ],
    [
      'what is not there',
      c => c.getConfig('deep').getNumber('port'),
      'MISSING_CONFIG',
      "'deep.port' is missing; it must be a number",
      ':17:1',
    ],
    [
      'a list that is not there',
      c => c.getStringArray('deep.x'),
      'MISSING_CONFIG',
      "'deep.x' is missing; it must be a list of strings",
      ':17:1',
    ],
    ['sections that are not there', c => c.getConfigArray('deep.x'), 'MISSING_CONFIG', 'a list of objects', ':17:1'],
    ['data that is not there', c => c.get('deep.x'), 'MISSING_CONFIG', "'deep.x' is missing", ':17:1'],
  ];

  for (const [title, read, code, message, place] of mistakes) {
    it(`refuses ${title}, naming key, types and line`, () => {
      let error: unknown;
      try {
        read(config);
      } catch (thrown) {
        error = thrown;
      }

      expect(error).to.be.instanceOf(ConfigError);
      expect((error as ConfigError).code).to.equal(code);
      expect((error as ConfigError).message).to.contain(message);
      expect((error as ConfigError).problem.path.join()).to.contain(`app-config.yaml${place})`);
    });
  }

  it('says how a missing value can be set', () => {
    expect(() => config.getString('deep.other')).to.throw(/APP_CONFIG_deep_other/);
    expect(() => config.getString('deep.with_underscore')).to.throw(/set it in app-config.yaml\./);
  });

  it('never prints a value', () => {
    expect(() => config.getNumber('text'))
      .to.throw()
      .with.property('message')
      .that.does.not.contain('hello');
  });

  it('gives a new copy of the data each time', () => {
    const copy = config.get() as { list: string[]; deep: { deeper: unknown } };
    copy.list.push('c');
    copy.deep.deeper = 'changed';

    expect(config.get()).to.deep.include({ list: ['a', 'b'], deep: { deeper: { value: 'x' } } });
  });
});
