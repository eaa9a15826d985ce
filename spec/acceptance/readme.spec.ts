import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { repository } from './program.js';

const readme = readFileSync(`${repository}README.md`, 'utf8');

describe('README.md', () => {
  it('shows samples/hello as it is', () => {
    const [, example] = /```ts\n(.*?)```/s.exec(readme) ?? [];

    expect(example).to.equal(readFileSync(`${repository}samples/hello/src/hello.ts`, 'utf8'));
    expect(example!.trimEnd().split('\n')).to.have.lengthOf.at.most(20);
  });

  for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
    it(`links to ${target}, which is there`, () => {
      expect(existsSync(`${repository}${target}`)).to.equal(true);
    });
  }
});
