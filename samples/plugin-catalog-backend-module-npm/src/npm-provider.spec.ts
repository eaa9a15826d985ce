import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Entity } from '@inventory/plugin-catalog-common';
import { mockServices } from 'backplane/testing';
import { expect } from 'chai';
import { NpmProvider } from './npm-provider.js';

interface Outcome {
  readonly entities: Entity[];
  readonly problems: string[];
}

async function read(provider: NpmProvider, signal = new AbortController().signal): Promise<Outcome> {
  const problems: string[] = [];
  const entities: Entity[] = [];
  const reading = { signal, report: (place: string, problem: string) => void problems.push(`${place}: ${problem}`) };
  for await (const entity of provider.read(reading)) entities.push(entity);
  return { entities, problems };
}

describe('NpmProvider', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'npm-provider-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  async function write(path: string, content: unknown): Promise<void> {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }

  const readRoot = (): Promise<Outcome> =>
    read(new NpmProvider({ roots: [root], global: false }, mockServices.rootInstanceMetadata()));

  it('reads name, version, license, description, homepage and dependencies', async () => {
    await write('node_modules/koa/package.json', {
      name: 'koa',
      version: '3.0.0',
      license: 'MIT',
      description: 'A web framework',
      homepage: 'https://koajs.com',
      dependencies: { statuses: '^2.0.1' },
      scripts: { test: 'mocha' },
    });

    const { entities, problems } = await readRoot();

    expect(entities).to.deep.equal([
      {
        kind: 'component',
        name: 'koa',
        version: '3.0.0',
        license: 'MIT',
        description: 'A web framework',
        homepage: 'https://koajs.com',
        dependencies: [{ name: 'statuses', range: '^2.0.1' }],
        source: join(root, 'node_modules/koa/package.json'),
      },
    ]);
    expect(problems).to.deep.equal([]);
  });

  it('finds packages in scopes and inside of other packages', async () => {
    await write('node_modules/koa/package.json', { name: 'koa', version: '3.0.0' });
    await write('node_modules/@koa/router/package.json', { name: '@koa/router', version: '15.0.0' });
    await write('node_modules/@koa/router/node_modules/koa/package.json', { name: 'koa', version: '2.0.0' });

    const { entities } = await readRoot();

    expect(entities.map(({ name, version }) => `${name}@${version}`)).to.have.members([
      'koa@3.0.0',
      '@koa/router@15.0.0',
      'koa@2.0.0',
    ]);
  });

  it('finds a linked package and does not follow it in circles', async () => {
    await write('package.json', { name: 'the-workspace', version: '1.0.0' });
    await mkdir(join(root, 'node_modules'));
    await symlink('..', join(root, 'node_modules/the-workspace'));

    const { entities } = await readRoot();

    expect(entities.map(({ name }) => name)).to.deep.equal(['the-workspace']);
  });

  it('leaves out hidden folders, files, and folders that are no packages', async () => {
    await write('node_modules/.cache/package.json', { name: 'cache', version: '1.0.0' });
    await write('node_modules/.package-lock.json', {});
    await write('node_modules/readme.md', '');
    await write('node_modules/leftover/readme.md', '');
    await write('node_modules/koa/package.json', { name: 'koa', version: '3.0.0' });

    const { entities, problems } = await readRoot();

    expect(entities.map(({ name }) => name)).to.deep.equal(['koa']);
    expect(problems).to.deep.equal([]);
  });

  it('reports a broken package.json and reads the others', async () => {
    await write('node_modules/broken/package.json', '{ "name": "broken", ');
    await write('node_modules/nameless/package.json', { version: '1.0.0' });
    await write('node_modules/list/package.json', []);
    await mkdir(join(root, 'node_modules/folder/package.json'), { recursive: true });
    await write('node_modules/koa/package.json', { name: 'koa', version: '3.0.0' });

    const { entities, problems } = await readRoot();

    expect(entities.map(({ name }) => name)).to.deep.equal(['koa']);
    expect(problems).to.have.lengthOf(4);
    expect(problems).to.include(`${join(root, 'node_modules/broken/package.json')}: is not JSON`);
    expect(problems.find(problem => problem.includes('nameless'))).to.match(/package\.json: name: /);
  });

  it('reports a root without packages', async () => {
    const { entities, problems } = await readRoot();

    expect(entities).to.deep.equal([]);
    expect(problems).to.have.lengthOf(1);
    expect(problems[0]).to.include(join(root, 'node_modules')).and.include('catalog.npm.roots');
  });

  it('reads several roots', async () => {
    await write('a/node_modules/koa/package.json', { name: 'koa', version: '3.0.0' });
    await write('b/node_modules/chai/package.json', { name: 'chai', version: '6.0.0' });

    const { entities } = await read(
      new NpmProvider(
        { roots: [join(root, 'a'), join(root, 'b')], global: false },
        mockServices.rootInstanceMetadata(),
      ),
    );

    expect(entities.map(({ name }) => name)).to.deep.equal(['koa', 'chai']);
  });

  it('stops where it is told to', async () => {
    await write('node_modules/koa/package.json', { name: 'koa', version: '3.0.0' });
    const provider = new NpmProvider({ roots: [root], global: false }, mockServices.rootInstanceMetadata());

    const outcome = await read(provider, AbortSignal.abort()).catch((error: unknown) => error);

    expect(outcome).to.have.property('name', 'AbortError');
  });

  it('reads the packages that run this test', async () => {
    const { entities, problems } = await read(
      new NpmProvider({ roots: ['.'], global: false }, mockServices.rootInstanceMetadata()),
    );

    const names = entities.map(({ name }) => name);
    expect(names).to.include.members(['mocha', 'chai', 'koa', '@koa/router', 'backplane']);
    expect(names.length).to.be.above(100);
    expect(problems).to.deep.equal([]);
    expect(entities.filter(({ license }) => license === 'MIT').length).to.be.above(50);
  });
});
