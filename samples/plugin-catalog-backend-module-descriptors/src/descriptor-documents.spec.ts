import type { Entity } from '@inventory/plugin-catalog-common';
import { expect } from 'chai';
import { entitiesOf } from './descriptor-documents.js';

function read(text: string): { entities: Entity[]; problems: string[] } {
  const problems: string[] = [];
  const report = (place: string, problem: string) => void problems.push(`${place}: ${problem}`);
  return { entities: [...entitiesOf(text, 'catalog-info.yaml', { report })], problems };
}

const group = 'apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: { name: platform }\n';

describe('a descriptor file', () => {
  it('gives an entity for a document', () => {
    const { entities, problems } = read(
      [
        '# the portal',
        'apiVersion: backstage.io/v1alpha1',
        'kind: Component',
        'metadata:',
        '  name: inventory-portal',
        '  title: Inventory',
        '  description: What runs here',
        '  annotations: { github.com/project-slug: acme/portal }',
        '  links: [{ url: "https://example.org", title: Home }]',
        'spec:',
        '  type: service',
        '  owner: group:default/platform',
        '  dependsOn: [component:default/catalog, resource:database, search]',
      ].join('\n'),
    );

    expect(problems).to.deep.equal([]);
    expect(entities).to.deep.equal([
      {
        kind: 'component',
        name: 'inventory-portal',
        title: 'Inventory',
        description: 'What runs here',
        homepage: 'https://example.org',
        owner: 'platform',
        dependencies: [{ name: 'catalog' }, { name: 'database' }, { name: 'search' }],
        source: 'catalog-info.yaml:2',
      },
    ]);
  });

  it('may hold several documents, and empty ones', () => {
    const { entities, problems } = read(
      `---\n${group}---\n---\n# nothing\n---\n${group.replace('platform', 'web')}---\n`,
    );

    expect(entities.map(({ name, source }) => `${name} ${source}`)).to.deep.equal([
      'platform catalog-info.yaml:2',
      'web catalog-info.yaml:9',
    ]);
    expect(problems).to.deep.equal([]);
  });

  it('may be empty', () => {
    expect(read('')).to.deep.equal({ entities: [], problems: [] });
    expect(read('# nothing yet\n')).to.deep.equal({ entities: [], problems: [] });
  });

  it('reports a wrong value with its line, and reads the other documents', () => {
    const { entities, problems } = read(`${group}---\n${group.replace('platform', '"not a name"')}---\n${group}`);

    expect(entities).to.have.lengthOf(2);
    expect(problems).to.deep.equal([
      'catalog-info.yaml:7: metadata.name: must be letters, digits and - _ . (at most 63)',
    ]);
  });

  it('reports a missing value with the line of what should hold it', () => {
    const { problems } = read('apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  title: Platform\n');

    expect(problems).to.have.lengthOf(1);
    expect(problems[0]).to.match(/^catalog-info\.yaml:4: metadata\.name: /);
  });

  it('reports everything that is wrong with a document', () => {
    const { problems } = read('kind: 7\nmetadata: { name: a, links: [{ url: nowhere }] }\n');

    expect(problems.map(problem => problem.split(': ')[1])).to.deep.equal([
      'apiVersion',
      'kind',
      'metadata.links.0.url',
    ]);
  });

  it('reports broken YAML with its line, and reads the other documents', () => {
    const { entities, problems } = read(
      `${group}---\nkind: Group\nspec: [owner: }\n---\n${group.replace('platform', 'web')}`,
    );

    expect(entities.map(({ name }) => name)).to.deep.equal(['platform', 'web']);
    expect(problems).to.have.lengthOf(1);
    expect(problems[0]).to.match(/^catalog-info\.yaml:6: /);
  });

  it('reports a document that is no map', () => {
    const { problems } = read(`${group}---\njust text\n`);

    expect(problems).to.have.lengthOf(1);
    expect(problems[0]).to.match(/^catalog-info\.yaml:5: /);
  });

  it('reports a document that unfolds without end', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );

    const { entities, problems } = read(`${group}---\nl0: &l0 [x]\n${levels.join('\n')}\n`);

    expect(entities).to.have.lengthOf(1);
    expect(problems).to.have.lengthOf(1);
    expect(problems[0]).to.match(/^catalog-info\.yaml:5: /);
  });
});
