import { expect } from 'chai';
import { errorFixtures } from './fixtures.js';
import { GoldenFile, isUpdating, portable } from './golden-file.js';

const codes = [...new Set(errorFixtures.map(({ code }) => code))].toSorted();

describe('The framework answers', () => {
  for (const code of codes) {
    describe(code, () => {
      const fixtures = errorFixtures.filter(fixture => fixture.code === code);
      const golden = new GoldenFile(code);
      const said = new Map<string, string>();

      for (const { title, provoke } of fixtures) {
        it(`where ${title}`, async () => {
          const problems = await provoke();

          expect(problems.map(problem => problem.code)).to.deep.equal([code]);
          const message = portable(problems[0]!);
          said.set(title, message);
          if (!isUpdating) expect(message).to.equal(golden.messages.get(title));
        });
      }

      it('and nothing else by this code', () => {
        if (isUpdating) golden.write(said);
        else expect([...golden.messages.keys()]).to.have.members(fixtures.map(({ title }) => title));
      });
    });
  }
});
