import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateApi } from 'swagger-typescript-api';
import { TestBackend } from '../../lib/testing/index.js';
import { RootHttpRouterService } from '../../lib/index.js';
import { Program } from '../acceptance/program.js';
import { ToyShopPlugin, WarehousePlugin } from '../wire/openapi/everything.js';

/** Uses the client of the fixture; it compiles only where the types of that say what the contract says. */
const warehouseProgram = `
import { Api, type WarehouseThing } from './client.js';

export async function run(baseUrl: string): Promise<unknown[]> {
  const { api } = new Api({ baseUrl });
  const found = await api.warehouseGetThing('box', 'a b');
  const thing: WarehouseThing = found.data;
  const listed = await api.warehouseListThings({ limit: 7, state: ['new', 'used'], after: 'x' });
  const added = await api.warehouseAddThing({ ref: { kind: 'box', name: 'c' }, state: 'new', parts: [], note: null });
  const imported = await api.warehouseImportThings({ head: { label: 'a' }, pair: ['one', 1] });
  const refused = await api.warehouseGetThing('box', 'none').catch((response: { status: number }) => response);
  // @ts-expect-error -- A thing has no such state.
  const wrong: WarehouseThing['state'] = 'lost';
  const toy: boolean = (await api.toyShopGetThing()).data.toy;
  return [
    thing.ref.name, listed.data[0]?.weight, listed.data[0]?.note, added.status, added.data.name, imported.status,
    refused.status, toy, typeof wrong,
  ];
}
`;

/** Reads the inventory as anybody may, and asks who it is before and after it has a token. */
const portalProgram = `
import { Api } from './client.js';

export async function run(baseUrl: string): Promise<unknown[]> {
  const client = new Api<string>({
    baseUrl,
    securityWorker: token => (token === null ? {} : { headers: { authorization: 'Bearer ' + token } }),
  });
  const { api } = client;
  const page = await api.catalogListEntities({ kind: 'component', name: 'koa', limit: 1 });
  const name: string | undefined = page.data.items[0]?.name;
  const nobody = await api.authGetUserInfo().catch((response: { status: number }) => response);
  client.setSecurityData((await api.authSignInAsGuest()).data.token);
  return [name, nobody.status, (await api.authGetUserInfo()).data.claims.sub];
}
`;

describe('A client that another tool writes from the OpenAPI document', () => {
  let folder: string;

  beforeEach(() => {
    // Within the repository, so that the compiler finds its libraries.
    folder = mkdtempSync(join(import.meta.dirname, 'client-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('compiles, and calls a backend that runs', async () => {
    await using backend = await TestBackend.start({
      features: [WarehousePlugin, ToyShopPlugin],
      config: { backend: { listen: { host: '127.0.0.1', port: 0 } } },
    });
    const { port } = backend.get(RootHttpRouterService).address!;
    const run = await generated(folder, `http://127.0.0.1:${port}`, warehouseProgram);

    expect(await run()).to.deep.equal(['a b', 7, 'new,used', 201, 'c', 202, 404, true, 'string']);
  });

  it('compiles, and calls the inventory portal', async () => {
    await using portal = await Program.start('samples/backend');
    const run = await generated(folder, portal.url, portalProgram);
    let told = await run();
    while (told[0] === undefined) told = await run(); // It is still reading what is installed.

    expect(told).to.deep.equal(['koa', 401, 'user:default/guest']);
  });
});

/** Writes the client of the backend at `url`, compiles it with the program, and gives back how to run that. */
async function generated(folder: string, url: string, program: string): Promise<() => Promise<unknown[]>> {
  const spec = (await (await fetch(`${url}/.backplane/openapi.json`)).json()) as never;
  const { files } = await generateApi({ spec, output: false, silent: true, unwrapResponseData: false });
  writeFileSync(join(folder, 'client.ts'), files[0]!.fileContent.replaceAll('// @ts-nocheck', ''));
  writeFileSync(join(folder, 'program.ts'), program);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    target: 'ES2023',
    module: 'NodeNext',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types: [],
    outDir: 'out',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  compile(folder);
  const compiled = (await import(pathToFileURL(join(folder, 'out/program.js')).href)) as {
    run(baseUrl: string): Promise<unknown[]>;
  };
  return () => compiled.run(url);
}

function compile(folder: string): void {
  const compiler = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}
