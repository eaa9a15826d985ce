import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { PackedPackage } from './packed-package.js';
import { repository } from './program.js';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

const program = `import { Backend, Get, Injectable, LoggerService, Plugin, type PluginContext } from 'backplane';

@Injectable()
class Greetings {
  of(name: string): string {
    return \`Hello, \${name}!\`;
  }
}

@Plugin({ pluginId: 'hello' })
export class HelloPlugin {
  constructor(
    private readonly greetings: Greetings,
    private readonly logger: LoggerService,
  ) {}

  @Get('/:name', { allow: 'unauthenticated' })
  hello(ctx: PluginContext): { greeting: string } {
    this.logger.debug('asked');
    return { greeting: this.greetings.of(ctx.params['name'] ?? 'nobody') };
  }
}

if (process.argv[2] === 'start') {
  const backend = await Backend.start({ features: [HelloPlugin], config: { backend: { listen: 0 } }, mode: 'development' });
  await backend.stop();
}
`;

/** Compiled with declarations, which have to name every type of it. */
const contract = `import { clientOf, errorOf } from 'backplane';
import { createClient, defineApi, get, post, raw } from 'backplane/contract';

const text = { schema: { '~standard': { version: 1 as const, vendor: 'own', validate: (value: unknown) => ({ value: value as string }) } }, jsonSchema: { type: 'string' } };

export const ratesApi = defineApi({
  pluginId: 'rates',
  operations: {
    list: get('/rates', { allow: 'unauthenticated', response: text }),
    put: post('/rates', { allow: ['user'], body: raw('text/csv'), errors: { refused: { status: 409, details: text } } }),
  },
});
export class RatesClient extends clientOf(ratesApi) {}
export const client = createClient(ratesApi, { baseUrl: 'http://localhost:7007' });
export const refused = () => errorOf(ratesApi.put, 'refused', { details: 'closed' });
export const drafts = { list: get('/rates', { response: text }) };
`;

const test = `import { TestBackend } from 'backplane/testing';
import { HelloPlugin } from './program.js';

await using backend = await TestBackend.start({ features: [HelloPlugin] });
const { status, body } = await backend.request.get('/api/hello/world');
console.log(status, JSON.stringify(body));
`;

/** Two plugins of which each stores something, and one that does not. */
const storing = `import { CacheService, DatabaseService, EventsService, Inject, Plugin, Scheduled } from 'backplane';

class First {}
class Second { run() {} }
class Third { run() {} }
const services = [DatabaseService, EventsService, CacheService];
for (const plugin of [First, Second]) services.forEach((service, index) => Inject(service)(plugin, undefined, index));
for (const [plugin, scope] of [[Second, 'global'], [Third, 'local']]) {
  Scheduled({ id: 'run', every: '1h', scope })(plugin.prototype, 'run', Object.getOwnPropertyDescriptor(plugin.prototype, 'run'));
}
Plugin({ pluginId: 'first' })(First);
Plugin({ pluginId: 'second' })(Second);
Plugin({ pluginId: 'third' })(Third);
export { First, Second, Third };
`;

/** What a file names as what it imports. */
function targetsIn(file: string, text: string): string[] {
  if (file.endsWith('.d.ts')) {
    const code = text.replaceAll(/\/\*[^]*?\*\//g, '');
    return [...code.matchAll(/(?:\bfrom|\bimport\(|^import) ?["']([^"']+)["']/gm)].map(([, target]) => target!);
  }
  const { staticImports, staticExports, dynamicImports } = parseSync(file, text).module;
  const exported = staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value));
  const later = dynamicImports.map(
    ({ moduleRequest: { start, end } }) => /^["'](.+)["']$/.exec(text.slice(start, end))?.[1],
  );
  return [...staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported, ...later].filter(
    target => target !== undefined,
  );
}

/** The packages that these files import, and the files they import in turn. */
function packagesOf(entries: readonly string[], root: string): Set<string> {
  const packages = new Set<string>();
  const open = [...entries];
  for (const file of open) {
    for (const target of targetsIn(file, readFileSync(join(root, file), 'utf8'))) {
      const path = join(dirname(file), file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
      if (!target.startsWith('.'))
        packages.add(
          target
            .split('/')
            .slice(0, target.startsWith('@') ? 2 : 1)
            .join('/'),
        );
      else if (!open.includes(path)) open.push(path);
    }
  }
  return packages;
}

describe('The package, as npm publishes it', () => {
  let packed: PackedPackage;
  before(function () {
    this.timeout(120_000);
    packed = new PackedPackage();
  });
  after(() => packed[Symbol.dispose]());

  const inPackage = (path: string): string => join(packed.folder, 'node_modules/backplane', path);

  it('holds what runs, what the compiler reads, and what people read', () => {
    const kinds = packed.files.map(file => file.replace(/^((?:dist\/)?[^/]+\/).*?((?:\.d)?\.\w+)$/, '$1*$2'));

    expect([...new Set(kinds)]).to.have.members([
      'ARCHITECTURE.md',
      'assets/*.css',
      'assets/*.html',
      'assets/*.js',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'tsconfig.plugin.json',
      'dist/bundle/*.js',
      'dist/bundle/*.map',
      'dist/bundle/*.txt',
      'dist/decorators/*.d.ts',
      'dist/lib/*.d.ts',
      'docs/*.md',
    ]);
  });

  it('imports what package.json depends on, and depends on nothing else', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as {
      dependencies: object;
      peerDependencies: object;
    };
    const typesOf = (name: string): string => (`@types/${name}` in dependencies ? `@types/${name}` : name);

    const bundle = readdirSync(inPackage('dist/bundle')).filter(file => file.endsWith('.js'));
    const run = packagesOf(
      bundle.map(file => `dist/bundle/${file}`),
      inPackage('.'),
    );
    const entries = ['lib/index', 'lib/contract/index', 'lib/testing/index', 'decorators/index'];
    const read = packagesOf(
      entries.map(entry => `dist/${entry}.d.ts`),
      inPackage('.'),
    );

    const used = [
      ...[...run].filter(name => !isBuiltin(name)),
      ...[...read].filter(name => !isBuiltin(name)).map(typesOf),
    ];
    expect([...new Set(used)]).to.have.members(Object.keys({ ...dependencies, ...peerDependencies }));
  });

  it('has the licence of each package that is in the bundle', () => {
    const notices = readFileSync(inPackage('dist/bundle/THIRD-PARTY-NOTICES.txt'), 'utf8');

    expect(notices).to.match(/^inversify \d+\.\d+\.\d+ \(MIT\)\n\n[^]{500}/m);
    expect(notices).to.match(/^koa \d+\.\d+\.\d+ \(MIT\)\n\n[^]{500}/m);
  });

  it('is all that a plugin needs to be compiled, with the types of the package checked, to start, and to be tested', () => {
    packed.write(
      'tsconfig.json',
      JSON.stringify({ extends: 'backplane/tsconfig.json', compilerOptions: { skipLibCheck: false } }),
    );
    packed.write('program.ts', program);
    packed.write('program-test.ts', test);

    expect(packed.run(`${repository}node_modules/typescript/bin/tsc`, '-p', '.')).to.equal('');
    expect(packed.run('program.js', 'start'))
      .to.match(/Listening at http:/)
      .and.match(/Backend is stopped/);
    expect(packed.run('program-test.js')).to.equal('200 {"greeting":"Hello, world!"}\n');
  }).timeout(120_000);

  it('is all that the declarations of a contract, of its clients and of its errors name', () => {
    packed.write('contract/tsconfig.json', JSON.stringify({ extends: 'backplane/tsconfig.json' }));
    packed.write('contract/rates.ts', contract);

    expect(packed.run(`${repository}node_modules/typescript/bin/tsc`, '-p', 'contract')).to.equal('');
  }).timeout(60_000);

  it('starts a project that is set up as the README says', () => {
    const readme = readFileSync(`${repository}README.md`, 'utf8');
    const [compiler, project] = [...readme.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => text!);
    const { dependencies } = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8')) as Manifest;
    // Nobody can install what the README names and nobody has published.
    expect(JSON.parse(project!)).not.to.have.property('dependencies');
    packed.write('tsconfig.json', compiler!);
    packed.write('package.json', JSON.stringify({ ...(JSON.parse(project!) as Manifest), dependencies }));
    packed.write('src/features/hello.ts', program.replace(/\nif [^]*$/, '').replace('Backend, ', ''));
    packed.write('src/index.ts', "import { Backend } from 'backplane';\n\nawait Backend.start();\n");

    expect(packed.run(`${repository}node_modules/typescript/bin/tsc`)).to.equal('');
    expect(packed.run('node_modules/.bin/backplane', 'plan')).to.match(
      /^plugin hello\n.*src\/features\/hello\.ts:\d+/m,
    );
  }).timeout(120_000);

  it('tells before the start which packages the configuration asks for that are not installed, each once', () => {
    packed.write(
      'drivers/package.json',
      JSON.stringify({ name: 'drivers', type: 'module', backplane: { features: 'features' } }),
    );
    packed.write('drivers/features/plugins.js', storing);
    const said = (config: object): string[] => {
      packed.write('drivers/app-config.yaml', JSON.stringify({ backend: { listen: false, ...config } }));
      try {
        return [packed.run('node_modules/.bin/backplane', 'start', 'drivers')];
      } catch (error) {
        return (error as Error).message.match(/^(?:\d+\) \[\w+\]| {3}(?:in|->|fix:)) .*$/gm)!;
      }
    };
    const plugins = ["   -> plugin 'first'", "   -> plugin 'second'"];
    const orm = "   in configuration key 'backend.database.client'";

    expect(said({})).to.deep.equal([
      '1) [MISSING_DATABASE_PACKAGE] Nothing is installed that maps classes to tables',
      orm,
      ...plugins,
      '   fix: npm install typeorm',
      '2) [MISSING_DATABASE_PACKAGE] Nothing is installed that speaks to SQLite',
      orm,
      ...plugins,
      '   fix: npm install libsql',
    ]);
    const servers = said({
      database: { client: 'pg', plugin: { second: { client: 'mysql2' } } },
      events: { transport: 'nats', connection: 'nats://localhost:1' },
      cache: { store: 'redis', connection: 'redis://localhost:1' },
      rateLimit: { store: { type: 'redis', connection: 'redis://localhost:1' } },
    });
    expect(servers.filter(line => /in conf|fix/.test(line)).map(line => line.replace(/ \(.*/, ''))).to.deep.equal(
      [
        ['backend.database.client', 'typeorm'],
        ['backend.database.client', 'pg'],
        ['backend.database.plugin.second.client', 'mysql2'],
        ['backend.events.transport', '@nats-io/transport-node'],
        ['backend.events.transport', '@nats-io/jetstream'],
        ['backend.cache.store', 'redis'],
        ['backend.rateLimit.store.type', 'redis'],
      ].flatMap(([key, name]) => [`   in configuration key '${key}'`, `   fix: npm install ${name}`]),
    );
  }).timeout(60_000);

  it('has the command', () => {
    expect(packed.run('node_modules/.bin/backplane', '--help')).to.match(/^backplane start \[folder\]/);
  });
});
