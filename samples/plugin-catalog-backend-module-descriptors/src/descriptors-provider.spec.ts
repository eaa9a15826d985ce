import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Entity } from '@inventory/plugin-catalog-common';
import { mockServices } from 'backplane/testing';
import { expect } from 'chai';
import { DescriptorsProvider } from './descriptors-provider.js';

interface Outcome {
  readonly entities: Entity[];
  readonly problems: string[];
}

async function read(folders: string[], signal = new AbortController().signal): Promise<Outcome> {
  const problems: string[] = [];
  const entities: Entity[] = [];
  const reading = { signal, report: (place: string, problem: string) => void problems.push(`${place}: ${problem}`) };
  for await (const entity of new DescriptorsProvider({ folders }, mockServices.rootInstanceMetadata()).read(reading))
    entities.push(entity);
  return { entities, problems };
}

const names = ({ entities }: Outcome): string[] => entities.map(({ name }) => name);

describe('DescriptorsProvider', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'descriptors-provider-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  async function write(path: string, name: string): Promise<void> {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: ${name} }\n`);
  }

  it('reads the descriptors of a folder and of those below it', async () => {
    await write('catalog-info.yaml', 'root');
    await write('a/catalog-info.yml', 'a');
    await write('a/b/catalog-info.yaml', 'b');
    await write('a/other.yaml', 'other');

    expect(names(await read([root]))).to.have.members(['root', 'a', 'b']);
  });

  it('leaves out installed packages, build output and hidden folders', async () => {
    await write('node_modules/koa/catalog-info.yaml', 'koa');
    await write('dist/catalog-info.yaml', 'built');
    await write('.git/catalog-info.yaml', 'git');
    await write('src/catalog-info.yaml', 'src');

    expect(names(await read([root]))).to.deep.equal(['src']);
  });

  it('reports a folder that is not there and reads the others', async () => {
    await write('a/catalog-info.yaml', 'a');

    const outcome = await read([join(root, 'missing'), join(root, 'a')]);

    expect(names(outcome)).to.deep.equal(['a']);
    expect(outcome.problems).to.deep.equal([`${join(root, 'missing')}: cannot be read (ENOENT)`]);
  });

  it('stops where it is told to', async () => {
    await write('catalog-info.yaml', 'root');

    const outcome = await read([root], AbortSignal.abort()).catch((error: unknown) => error);

    expect(outcome).to.have.property('name', 'AbortError');
  });

  it('reads what this repository says about itself', async () => {
    const outcome = await read(['.']);

    expect(outcome.problems).to.deep.equal([]);
    expect(names(outcome)).to.include.members(['backplane', 'inventory-portal', 'plugin-catalog-backend']);
  });
});
