import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { repository } from './program.js';

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const source = 'spec/acceptance/programs/seven-mistakes.ts';
const lines = readFileSync(`${repository}${source}`, 'utf8').split('\n');

/** The line of the decorator above a class. */
function decoratorOf(name: string): number {
  return lines.findIndex(line => line.startsWith(`class ${name} `));
}

/** Runs the program to its end. */
function run(): Promise<End> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [`dist/${source.replace(/ts$/, 'js')}`],
      { cwd: repository, env: { ...process.env, NODE_ENV: 'development' } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('A program with seven mistakes', () => {
  let end: End;
  let errors: string[];

  before(async () => {
    end = await run();
    errors = end.stderr.split(/\n(?=\d\) \[)/).slice(1);
  });

  it('ends with 1', () => {
    expect(end.code).to.equal(1);
  });

  it('is told all of them at once, numbered and each with its code', () => {
    expect(end.stderr).to.contain('The backend did not start, for 7 reasons:');
    expect(errors.map(error => /^(\d)\) \[([A-Z_]+)\]/.exec(error)?.slice(1))).to.deep.equal([
      ['1', 'MODULE_WITHOUT_PLUGIN'],
      ['2', 'MISSING_SERVICE'],
      ['3', 'FOREIGN_EXTENSION_POINT'],
      ['4', 'ERASED_PARAMETER'],
      ['5', 'INVALID_CONFIG'],
      ['6', 'DEPENDENCY_CYCLE'],
      ['7', 'COLLIDING_ROUTE'],
    ]);
  });

  for (const [index, name] of [
    'GithubModule',
    'LettersPlugin',
    'SearchPlugin',
    'BillingPlugin',
    'ReportsPlugin',
    'SlowClock',
  ].entries()) {
    it(`is told where it is, by the line of the decorator in the TypeScript source: ${name}`, () => {
      expect(errors[index]).to.contain(`(${source}:${decoratorOf(name)}:2)`);
    });
  }

  it('is told where it is, of methods by the lines of both decorators', () => {
    const places = [...errors[6]!.matchAll(/seven-mistakes\.ts:(\d+):4/g)].map(([, line]) =>
      lines[Number(line) - 1]!.trim(),
    );

    expect(places).to.deep.equal(["@Get('/:id')", "@Get('/:name')"]);
  });

  it('is told what to do about each', () => {
    for (const error of errors) expect(error).to.match(/\n {3}fix: \S.{10,}/);
    expect(errors[0]).to.contain("did you mean 'catalog'?");
    expect(errors[1]).to.contain("did you mean 'acme.mailer'?");
    expect(errors[5]).to.contain('use wraps instead of implements');
  });

  it('constructs nothing', () => {
    expect(end.stdout).to.equal('');
  });

  it('is not told of the framework: there is no stack', () => {
    expect(end.stderr).not.to.match(/^\s+at .*\/lib\//m);
  });
});
