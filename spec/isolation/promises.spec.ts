import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const repository = join(import.meta.dirname, '../../..');
const specs = join(repository, 'spec/isolation');

describe('docs/isolation.md', () => {
  const page = readFileSync(join(repository, 'docs/isolation.md'), 'utf8');
  const rows = [...page.matchAll(/^- \*\*(I\d+)\*\* [^]*?\n {2}`([^\n]+)`$/gm)].map(([, id, title]) => ({
    id: id!,
    title: title!,
  }));
  const sources = readdirSync(specs)
    .filter(name => name.endsWith('.spec.ts'))
    .map(name => readFileSync(join(specs, name), 'utf8'));

  it('has a spec for each of its promises, under the title it names', () => {
    const missing = rows.filter(
      ({ id, title }) => !title.startsWith(`${id} `) || !sources.some(text => text.includes(title)),
    );

    expect(missing).to.deep.equal([]);
    expect(rows).to.have.length.above(15);
  });

  it('has a promise for each row that a spec names', () => {
    const named = sources.flatMap(text =>
      [...text.matchAll(/it\([`'](?:[^`']*? )??((?:I\d+ )+)/g)].flatMap(([, ids]) => ids!.trim().split(' ')),
    );
    const promised = new Set(rows.map(row => row.id));

    expect([...new Set(named)].filter(id => !promised.has(id))).to.deep.equal([]);
    expect(new Set(named).size).to.equal(promised.size);
  });
});
