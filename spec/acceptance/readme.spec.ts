import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { repository } from './program.js';

const read = (path: string): string => readFileSync(`${repository}${path}`, 'utf8');

describe('README.md', () => {
  const readme = read('README.md');
  const [hello = '', ...examples] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);

  it('shows samples/hello, which has at most 20 lines', () => {
    expect(hello).to.equal(read('samples/hello/src/hello.ts'));
    expect(hello.trimEnd().split('\n')).to.have.lengthOf.at.most(20);
  });

  it('shows examples that run in a spec', () => {
    const tour = withoutIndent(read('spec/acceptance/tour.spec.ts'));

    for (const example of examples) expect(tour).to.include(withoutIndent(example));
    expect(examples).to.have.lengthOf(8);
  });
});

function withoutIndent(code: string): string {
  return code.replaceAll(/^ +/gm, '');
}
