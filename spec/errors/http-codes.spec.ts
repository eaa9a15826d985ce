import { expect } from 'chai';
import { readErrorCatalogue } from './error-catalogue.js';
import { httpFixtures } from './http-fixtures.js';

describe('A caller is told', () => {
  for (const [index, { code, status, ask }] of httpFixtures.entries()) {
    it(`${status} ${code} (${index})`, async () => {
      const answer = await ask();

      expect(answer).to.match(new RegExp(`^HTTP/1.1 ${status}\\b`));
      const { error } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { error: { code: string } };
      expect(error.code).to.equal(code);
    });
  }

  it('by each code the status that docs/errors.md says', () => {
    const documented = new Map(readErrorCatalogue().map(({ code, meaning }) => [code, meaning]));

    for (const { code, status } of httpFixtures)
      expect(documented.get(code), code).to.match(new RegExp(`^${status}\\b`));
  });
});
