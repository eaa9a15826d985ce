import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { repository } from '../program.js';
import type { Portal } from './portal.js';

interface Entity {
  readonly kind: string;
  readonly name: string;
  readonly version?: string;
  readonly license?: string;
  readonly dependencies: readonly { readonly name: string; readonly range?: string }[];
}

interface Page {
  readonly items: readonly Entity[];
  readonly total: number;
}

interface Stats {
  readonly entities: number;
  readonly licenses: Readonly<Record<string, number>>;
}

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(`${repository}${folder}/package.json`, 'utf8')) as Manifest;
}

/** What anybody may ask the catalog. */
export function catalogFacts(portal: () => Portal): void {
  const find = (query: string): Promise<Page> => portal().get(`/api/catalog/entities?${query}`);
  const stats = (): Promise<Stats> => portal().get('/api/catalog/stats');

  const { dependencies, devDependencies } = manifestOf('.');
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    it(`knows ${name} as it is installed`, async () => {
      const installed = manifestOf(`node_modules/${name}`);

      const { versions } = await portal().get<{ versions: Entity[] }>(`/api/catalog/entities/component/${name}`);

      const found = versions.find(({ version }) => version === installed.version);
      expect(found?.license).to.equal(installed.license);
      expect(Object.fromEntries(found!.dependencies.map(d => [d.name, d.range]))).to.deep.equal(
        installed.dependencies ?? {},
      );
    });
  }

  it('gives every entity on exactly one page', async () => {
    const seen: string[] = [];
    let total = Infinity;
    for (let offset = 0; offset < total; offset += 50) {
      const page = await find(`limit=50&offset=${offset}`);
      seen.push(...page.items.map(({ kind, name, version }) => `${kind} ${name} ${version}`));
      total = page.total;
    }

    expect(seen)
      .to.have.lengthOf(total)
      .and.have.lengthOf((await stats()).entities);
    expect(new Set(seen)).to.have.property('size', total);
    expect(total).to.be.above(150);
  });

  it('finds by license as many as it counts', async () => {
    const { items, total } = await find('license=ISC&limit=500');

    expect(new Set(items.map(({ license }) => license))).to.deep.equal(new Set(['ISC']));
    expect(total)
      .to.equal(items.length)
      .and.to.equal((await stats()).licenses['ISC']);
  });

  it('finds what depends on a package', async () => {
    const { items } = await find('dependency=reflect-metadata');

    expect(items.map(({ name }) => name)).to.include('backplane');
  });

  it('finds what the descriptors of this repository declare', async () => {
    const { items } = await find('kind=system');

    expect(items.map(({ name }) => name)).to.deep.equal(['inventory']);
  });

  it('finds by words, in any case', async () => {
    const { items } = await find('q=CONTAINER&kind=component&limit=500');

    expect(items.map(({ name }) => name)).to.include('inversify');
  });
}
