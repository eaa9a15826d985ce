import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { faultsIn, type ReadDocument } from '../wire/openapi/openapi-document.js';
import { Program, repository } from './program.js';

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
  readonly ingestion: readonly { readonly state: string }[];
}

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const portal = 'samples/backend';

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(`${repository}${folder}/package.json`, 'utf8')) as Manifest;
}

describe('the inventory portal, as npm start starts it', () => {
  let program: Program;

  async function get<T>(path: string): Promise<T> {
    const { status, body } = await program.get(path);
    expect(status, path).to.equal(200);
    return body as T;
  }

  const find = (query: string): Promise<Page> => get(`/api/catalog/entities?${query}`);
  const stats = (): Promise<Stats> => get('/api/catalog/stats');

  before(async () => {
    program = await Program.start(portal);
    while ((await stats()).ingestion.some(({ state }) => state === 'reading')) await sleep(20);
  });

  after(() => program[Symbol.asyncDispose]());

  const readme = readFileSync(`${repository}README.md`, 'utf8');
  const commands = [...readme.matchAll(/^curl '?localhost:7007([^'\n]+)'?$/gm)].map(([, path]) => path!);

  it('is asked something in the README', () => {
    expect(commands).to.include('/api/catalog/entities?limit=3').and.have.length.above(3);
  });

  for (const path of commands) {
    it(`answers what the README asks for at ${path}`, async () => {
      expect(Object.keys(await get<object>(path))).to.have.length.above(0);
    });
  }

  it('has an OpenAPI document that an independent validator takes for one', async () => {
    const document = await get<ReadDocument>('/.backplane/openapi.json');

    expect(await faultsIn(document)).to.deep.equal([]);
    expect(document.paths).to.include.keys('/api/catalog/entities', '/api/search/query', '/api/licenses/report');
  });

  const { dependencies, devDependencies } = manifestOf('.');
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    it(`knows ${name} as it is installed`, async () => {
      const installed = manifestOf(`node_modules/${name}`);

      const { versions } = await get<{ versions: Entity[] }>(`/api/catalog/entities/component/${name}`);

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

  it('answers 400, and why, to a query it does not understand', async () => {
    const { status, body } = await program.get('/api/catalog/entities?limit=many&colour=red');

    expect(status).to.equal(400);
    expect(body).to.deep.include({
      error: {
        code: 'invalid_request',
        message: 'The request is not as declared',
        details: [
          { pointer: '/query/limit', rule: 'type' },
          { pointer: '/query/colour', rule: 'undeclared' },
        ],
      },
    });
  });

  for (const path of ['/', '/api', '/api/nobody/entities', '/api/catalog/nothing']) {
    it(`answers 404 at ${path}, as JSON with the id of the request`, async () => {
      const { status, body, headers } = await program.get(path);

      expect(status).to.equal(404);
      expect(body).to.have.nested.property('error.code', 'not_found');
      expect(body).to.have.property('requestId', headers.get('x-request-id'));
    });
  }

  it('answers 404 with the code that the contract declares for an entity it does not know', async () => {
    const { status, body } = await program.get('/api/catalog/entities/component/x-x');

    expect(status).to.equal(404);
    expect(body).to.have.nested.property('error.code', 'unknown_entity');
  });

  for (const path of ['/api/catalog/problems', '/.backplane/health/v1/plugins']) {
    it(`answers 401 at ${path}`, async () => {
      const { status, body, headers } = await program.get(path);

      expect(status).to.equal(401);
      expect(body).to.have.nested.property('error.code', 'missing_credentials');
      expect(headers.get('www-authenticate')).to.equal('Bearer');
    });
  }

  for (const probe of ['liveness', 'readiness']) {
    it(`tells ${probe}`, async () => {
      expect(await get(`/.backplane/health/v1/${probe}`)).to.deep.equal({ status: 'ok' });
    });
  }

  it('tells its progress while it reads', () => {
    expect(
      program.lines.filter(line => /catalog Read \d+ entities from (npm|descriptors) /.test(line)),
    ).to.have.lengthOf(2);
  });

  it('reads the same wherever it is started', async () => {
    await using other = await Program.start(portal, tmpdir());
    const counted = async (): Promise<Stats> => (await other.get('/api/catalog/stats')).body as Stats;
    while ((await counted()).ingestion.some(({ state }) => state === 'reading')) await sleep(20);

    expect(await counted()).to.have.property('entities', (await stats()).entities);
  });

  it('ends at once and without a complaint at Ctrl-C', async () => {
    await using other = await Program.start(portal);
    await fetch(`${other.url}/api/catalog/stats`);

    const { code, milliseconds } = await other.end('SIGINT');

    expect(code).to.equal(0);
    expect(milliseconds).to.be.below(2_000);
    expect(other.lines.at(-1)).to.match(/info {2}Backend is stopped$/);
    expect(other.lines.filter(line => !/^\S+ info /.test(line))).to.deep.equal([]);
  });

  it('can be ended while it is still starting', async () => {
    await using other = await Program.start(portal);

    const { code } = await other.end('SIGINT');

    expect(code).to.equal(0);
    expect(other.lines.filter(line => /\berror\b/i.test(line))).to.deep.equal([]);
  });
});
