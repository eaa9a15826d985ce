import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { repository } from './program.js';

describe('the links of', () => {
  for (const page of ['README.md', 'ARCHITECTURE.md']) {
    const text = readFileSync(`${repository}${page}`, 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) => target!);

    it(`${page} lead to what is there`, () => {
      expect(targets.filter(target => !existsSync(`${repository}${target}`))).to.deep.equal([]);
      expect(targets).to.have.length.above(2);
    });
  }
});
