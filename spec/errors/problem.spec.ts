import { expect } from 'chai';
import { formatProblem } from '../../lib/errors/problem.js';

const problem = { code: 'A_CODE', message: "No 'a'", path: ["in plugin 'a'", '-> parameter 1'], fix: 'add one.' };

describe('formatProblem()', () => {
  it('writes code and message, the path outermost first, and the fix', () => {
    expect(formatProblem(problem)).to.equal("[A_CODE] No 'a'\n   in plugin 'a'\n   -> parameter 1\n   fix: add one.");
  });

  it('writes the chain of causes, each with the line it was made at', () => {
    const cause = new TypeError('outer', { cause: new Error('inner') });

    const lines = formatProblem({ ...problem, cause })
      .split('\n')
      .slice(4);

    expect(lines.filter(line => line.includes('cause:'))).to.deep.equal([
      '   cause: TypeError: outer',
      '   cause: Error: inner',
    ]);
    expect(lines[1]).to.match(/^ {10}at .*problem\.spec/);
  });

  it('ends a chain of causes that has no end', () => {
    const cause = new Error('again');
    cause.cause = cause;

    expect(formatProblem({ ...problem, cause }).match(/cause: Error: again/g)).to.have.length(5);
  });

  const thrown: [what: string, cause: unknown, text: string][] = [
    ['a text as it is', 'no database', 'no database'],
    ['an object by what it holds', { status: 503 }, '{ status: 503 }'],
    [
      'an object without a prototype',
      Object.assign(Object.create(null), { a: 1 }),
      '[Object: null prototype] { a: 1 }',
    ],
    ['null', null, 'null'],
    ['a number', 7, '7'],
  ];
  for (const [what, cause, text] of thrown) {
    it(`writes of what was thrown and is no error: ${what}`, () => {
      expect(formatProblem({ ...problem, cause }))
        .to.match(/\n {3}cause: /)
        .and.include(`cause: ${text}`);
    });
  }
});
