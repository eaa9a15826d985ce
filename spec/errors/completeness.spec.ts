import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { parseSource } from '../architecture/source-file.js';
import { asExample, readErrorCatalogue, updateExamples } from './error-catalogue.js';
import { errorFixtures } from './fixtures.js';
import { GoldenFile, goldenFolder, isUpdating } from './golden-file.js';
import { httpFixtures } from './http-fixtures.js';
import { codesIn, computedCodes, httpCodes, otherWords, startupCodes } from './thrown-codes.js';

/** Words of the source that are written like a code: names of the environment, and codes of Node and of libraries. */
const wordsOfOthers = [
  'BACKPLANE_CONFIG_FOLDERS',
  'BACKPLANE_ENV',
  'BACKPLANE_MODE',
  'BACKPLANE_TEST_REDIS',
  'BACKPLANE_TEST_MYSQL',
  'BACKPLANE_TEST_POSTGRES',
  'EAI_AGAIN',
  'ERR_BUFFER_TOO_LARGE',
  'ERR_HTTP_REQUEST_TIMEOUT',
  'ERR_MODULE_NOT_FOUND',
  'ERR_STREAM_DESTROYED',
  'ER_ACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_CANT_CREATE_USER_WITH_GRANT',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_DISK_FULL',
  'ER_ERROR_ON_WRITE',
  'ER_LOCK_DEADLOCK',
  'ER_RECORD_FILE_FULL',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
  'HPE_HEADER_OVERFLOW',
  'LOG_LEVEL',
  'MODULE_NOT_FOUND',
  'MULTIPLE_DOCS',
  'NODE_ENV',
  'NODE_OPTIONS',
  'NO_COLOR',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'SQLITE_BUSY',
  'SQLITE_FULL',
];

if (isUpdating) after(() => updateExamples(code => [...new GoldenFile(code).messages.values()][0]));

describe('Every code of an error', () => {
  it('is written in the source, and not computed', () => {
    expect(computedCodes).to.deep.equal([]);
  });

  it('is given to an error in a way that is understood here', () => {
    expect([...otherWords()]).to.have.members(wordsOfOthers);
  });

  it('has a fixture that makes the framework use it, and no fixture is for another', () => {
    expect([...new Set(errorFixtures.map(({ code }) => code))].toSorted()).to.deep.equal(startupCodes);
  });

  it('has a file of golden messages, and no file is for another', () => {
    const goldens = readdirSync(goldenFolder).map(name => name.replace(/\.txt$/, ''));

    // Written after this.
    if (!isUpdating) expect(goldens.toSorted()).to.deep.equal(startupCodes);
  });

  it('that a caller is told has a fixture that makes the framework send it', () => {
    expect([...new Set(httpFixtures.map(({ code }) => code))].toSorted()).to.deep.equal(httpCodes);
  });

  it('has one entry in docs/errors.md, and no entry is for another', () => {
    const entries = readErrorCatalogue().map(({ code }) => code);

    expect(entries.toSorted()).to.deep.equal([...startupCodes, ...httpCodes].toSorted());
  });

  for (const { code, meaning, example, fix } of readErrorCatalogue()) {
    it(`has an entry that explains it: ${code}`, () => {
      expect(meaning).to.match(/^\S[^]{20,}\.$/);
      if (!startupCodes.includes(code)) return;
      expect(fix).to.match(/^\*\*Fix:\*\* \S[^]{10,}\.$/);
      if (!isUpdating) expect(asExample([...new GoldenFile(code).messages.values()][0] ?? '')).to.equal(example);
    });
  }
});

describe('A code', () => {
  for (const [what, text, codes] of [
    ['a property', `const problem = { code: 'NO_LUCK', message: 'x' };`, ['NO_LUCK']],
    ['one of two', `const problem = { code: late ? 'TOO_LATE' : 'TOO_EARLY' };`, ['TOO_LATE', 'TOO_EARLY']],
    ['an argument', `function error(code: string) { return { code }; } throw error('NO_LUCK');`, ['NO_LUCK']],
    ['a later argument', `function f(a: number, code: string) { return code; } f(1, 'NO_LUCK');`, ['NO_LUCK']],
    ['no comparison', `if (error.code === 'ENOENT') throw error;`, []],
    ['no number', `function f(code: number) { return code; } f(charCode(1));`, []],
  ] as const) {
    it(`is found where it is ${what}`, () => {
      const found = codesIn([parseSource('lib/plan/plan.ts', text)]);

      expect([...found.codes]).to.deep.equal(codes);
      expect(found.computed).to.deep.equal([]);
    });
  }

  it('is found to be computed', () => {
    const { computed } = codesIn([parseSource('lib/plan/plan.ts', 'const a = { code: `NO_${word}` };')]);

    expect(computed).to.deep.equal(['lib/plan/plan.ts:1']);
  });
});
