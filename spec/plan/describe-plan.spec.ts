import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  Controller,
  createServiceRef,
  ExtensionPoint,
  Get,
  HealthCheck,
  Inject,
  Injectable,
  Module,
  Plugin,
  Scheduled,
  Service,
} from '../../decorators/index.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { Backend } from '../../lib/default-backend.js';
import { override } from '../../lib/testing/override.js';
import { quiet } from '../errors/error-fixture.js';
import { PackageTree } from '../scan/package-tree.js';
import { planOf } from './plan-problems.js';

const ref = createServiceRef<object>({ id: 'acme.thing', scope: 'root', default: () => DefaultThing });

@Service({ implements: ref })
class DefaultThing {}

@Service({ implements: ref })
class Thing {}

@Service({ wraps: ref })
class ThingWrapper {
  constructor(readonly inner: object) {}
}

@Injectable()
class Store {}

@Controller({ path: '/entries' })
class Entries {
  constructor(readonly store: Store) {}

  @Get('/:id', { allow: ['user'] })
  read(): string {
    return 'entry';
  }
}

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class Processing {
  abstract add(): void;
}

@ExtensionPoint({ implements: Processing })
class Registry extends Processing {
  add(): void {}
}

@Plugin({ pluginId: 'catalog', controllers: [Entries], extensionPoints: [Registry] })
class Catalog {
  constructor(
    readonly store: Store,
    @Inject(ref) readonly thing: object,
    readonly logger: LoggerService,
  ) {}

  @HealthCheck()
  database(): void {}
}

@Module({ pluginId: 'catalog', moduleId: 'github' })
class Github {
  constructor(readonly processing: Processing) {}
}

const features = [Catalog, Github, Thing, ThingWrapper];

describe('Backend.plan()', () => {
  it('gives plain data, which survives JSON', async () => {
    const plan = await Backend.plan({ features, config: quiet });

    expect(JSON.parse(JSON.stringify(plan))).to.deep.equal(plan);
  });

  it('names the features, with how each got in and its line', async () => {
    const { features: named } = await Backend.plan({ features: [Catalog, () => Github], config: quiet });

    expect(
      named
        .filter(({ rank }) => rank !== 'framework')
        .map(({ place, ...feature }) => [feature, place?.replace(/:\d+:2$/, '')]),
    ).to.deep.equal([
      [
        { class: 'Catalog', kind: 'plugin', rank: 'features', origin: 'features[0]' },
        'spec/plan/describe-plan.spec.ts',
      ],
      [
        { class: 'Github', kind: 'module', rank: 'loader', origin: 'features[1] → loader' },
        'spec/plan/describe-plan.spec.ts',
      ],
    ]);
  });

  it('names services with who provides, wraps, and would provide them', async () => {
    const { services } = await planOf(features);

    expect(services.find(({ id }) => id === 'acme.thing')).to.deep.equal({
      id: 'acme.thing',
      scope: 'root',
      multiton: false,
      providedBy: ['class Thing'],
      wrappedBy: ['class ThingWrapper'],
      overridden: [],
      config: [],
    });
    const { services: tested } = await planOf(features, { overrides: [override(ref).withValue({})] });
    expect(tested.find(({ id }) => id === 'acme.thing')).to.deep.include({
      providedBy: ['override()'],
      overridden: ['class Thing'],
    });
  });

  it('names what plugins and modules are made of', async () => {
    const { owners } = await planOf(features);

    expect(owners.map(({ place: _, ...owner }) => owner)).to.deep.equal([
      {
        owner: "plugin 'catalog'",
        privateClasses: ['Registry', 'Store'],
        controllers: ['class Entries'],
        provides: ['catalog.processing'],
        calls: [],
        uses: [],
        methods: [
          { decorator: 'HealthCheck', method: 'Catalog.database', options: {} },
          {
            decorator: 'Get',
            method: 'Entries.read',
            options: { allow: ['user'], method: 'GET', path: '/entries/:id' },
          },
        ],
      },
      {
        owner: "module 'github' of plugin 'catalog'",
        privateClasses: [],
        controllers: [],
        provides: [],
        calls: [],
        uses: ['catalog.processing'],
        methods: [],
      },
    ]);
  });

  it('says what needs what, and where', async () => {
    const { edges } = await planOf(features);

    expect(edges).to.deep.include.members([
      { from: "plugin 'catalog'", to: 'class Store', in: "plugin 'catalog'" },
      { from: 'controller Entries', to: 'class Store', in: "plugin 'catalog'" },
      { from: "plugin 'catalog'", to: "service 'acme.thing' (wrapper ThingWrapper)", in: "plugin 'catalog'" },
      { from: "service 'acme.thing' (wrapper ThingWrapper)", to: "service 'acme.thing' (class Thing)", in: 'root' },
    ]);
  });

  it('says in which order what is constructed', async () => {
    const { order } = await planOf(features);
    const { construct, init } = order.plugins['catalog']!;

    expect(order.root.indexOf("service 'acme.thing' (class Thing)")).to.be.below(
      order.root.indexOf("service 'acme.thing' (wrapper ThingWrapper)"),
    );
    expect(construct.indexOf("module 'github' of plugin 'catalog'")).to.be.below(construct.indexOf("plugin 'catalog'"));
    expect(construct.indexOf('class Store')).to.be.below(construct.indexOf("plugin 'catalog'"));
    expect(init).to.deep.equal(["module 'github' of plugin 'catalog'", "plugin 'catalog'"]);
  });

  it('keeps of what a decorator was given what JSON keeps', async () => {
    class Odd {
      read(): void {}
    }
    const options = { id: 'odd', every: { minutes: 5 }, timeout: undefined };
    Scheduled(options as never)(Odd.prototype, 'read', {});
    Plugin({ pluginId: 'odd' })(Odd);

    const { owners } = await planOf([Odd]);

    expect(owners[0]!.methods[0]!.options).to.deep.equal({ id: 'odd', every: { minutes: 5 } });
  });

  it('leaves nothing behind: it may be asked again, and the backend may then start', async () => {
    const backend = new Backend({ features, config: quiet, mode: 'test' });

    await backend.plan();
    await backend.plan();
    const { outcome } = await backend.start();
    await backend.stop();

    expect(outcome).to.equal('success');
  });
});

describe('backplane plan', () => {
  const cli = fileURLToPath(new URL('../../bundle/cli.js', import.meta.url));
  const decorators = new URL('../../bundle/decorators.js', import.meta.url).href;
  const index = new URL('../../bundle/index.js', import.meta.url).href;
  const contract = new URL('../../bundle/contract.js', import.meta.url).href;
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [cli, 'plan', ...args]);

  function program(plugin: string): PackageTree {
    return new PackageTree({
      'package.json': { name: 'program', type: 'module', backplane: { features: 'features' } },
      'app-config.yaml': 'backend: { listen: false }\n',
      'features/plugin.js': `import { Inject, Plugin, createServiceRef } from '${decorators}';\n${plugin}`,
    });
  }

  it('prints the plan of a package that is scanned, as JSON', async () => {
    using tree = program(`export class Hello {}\nPlugin({ pluginId: 'hello' })(Hello);\n`);

    const { stdout, stderr } = await run(tree.root, '--json');
    const plan = JSON.parse(stdout) as Awaited<ReturnType<typeof Backend.plan>>;

    expect(stderr).to.equal('');
    expect(plan.features.find(({ rank }) => rank === 'scan')).to.deep.include({ class: 'Hello', kind: 'plugin' });
    expect(Object.keys(plan.order.plugins)).to.deep.equal(['hello']);
  });

  it('prints it as text, services first', async () => {
    using tree = program(`export class Hello {}\nPlugin({ pluginId: 'hello' })(Hello);\n`);

    const { stdout } = await run(tree.root);

    expect(stdout).to.match(/^services\n {2}core\./);
    expect(stdout).to.match(/\nplugin hello\n/);
  });

  it('prints with each route its method and who may ask, and whom a plugin calls', async () => {
    using tree = program(
      `import { clientOf, Get, Operation } from '${index}';
      import { defineApi, post } from '${contract}';
      const helloApi = defineApi({ pluginId: 'hello', operations: { greet: post('/greet', { allow: ['user'] }) } });
      const otherApi = defineApi({ pluginId: 'other', operations: { greet: post('/greet') } });
      class OtherClient extends clientOf(otherApi) {}
      export class Hello { greet() {} stats() {} all() {} }
      Inject(OtherClient)(Hello, undefined, 0);
      const on = name => [Hello.prototype, name, Object.getOwnPropertyDescriptor(Hello.prototype, name)];
      Operation(helloApi.greet)(...on('greet'));
      Get('/stats')(...on('stats'));
      Get('/all', { allow: 'unauthenticated' })(...on('all'));
      Plugin({ pluginId: 'hello' })(Hello);\n`,
    );

    const { stdout } = await run(tree.root);

    expect(stdout).to.include('\n    calls plugin other\n');
    expect(stdout).to.include('\n    @Operation POST /greet Hello.greet, for user\n');
    expect(stdout).to.include('\n    @Get /stats Hello.stats, for user, service\n');
    expect(stdout).to.include('\n    @Get /all Hello.all, for everybody\n');
    expect(stdout).to.include("warning: [UNREACHABLE_PLUGIN] Plugin 'other'");
  });

  it('prints when tasks run, which topics are subscribed to, and whose webhooks publish what', async () => {
    using tree = program(
      `import { githubSignature, Scheduled, Subscribe, Webhook } from '${index}';
      import { defineTopic } from '${contract}';
      const payload = { schema: { '~standard': { version: 1, vendor: 'own', validate: value => ({ value }) } }, jsonSchema: {} };
      const greeted = defineTopic({ pluginId: 'hello', id: 'greeted', payload });
      export class Hello { often() {} nightly() {} asked() {} hear() {} push() {} hook() {} open() {} }
      const on = name => [Hello.prototype, name, Object.getOwnPropertyDescriptor(Hello.prototype, name)];
      Scheduled({ id: 'often', every: { minutes: 5 }, scope: 'local' })(...on('often'));
      Scheduled({ id: 'nightly', cron: '0 3 * * *', timeZone: 'Europe/Berlin' })(...on('nightly'));
      Scheduled({ id: 'asked', manual: true })(...on('asked'));
      Subscribe(greeted, { id: 'ears' })(...on('hear'));
      Webhook('/push', { topic: greeted, validator: githubSignature({ secret: 'hello.secret' }), once: 'body' })(...on('push'));
      Webhook('/hook', { topic: greeted, validator: () => true })(...on('hook'));
      Webhook('/open', { topic: greeted, validator: 'none' })(...on('open'));
      Plugin({ pluginId: 'hello' })(Hello);\n`,
    );
    tree.write({ 'app-config.yaml': 'backend: { listen: false }\nhello: { secret: abcdefghijklmnop }\n' });

    const { stdout } = await run(tree.root);
    const { owners } = JSON.parse((await run(tree.root, '--json')).stdout) as Awaited<ReturnType<typeof Backend.plan>>;

    expect(stdout.match(/^ {4}@.*$/gm)).to.deep.equal([
      '    @Scheduled often Hello.often, every {"minutes":5}, local',
      '    @Scheduled nightly Hello.nightly, cron 0 3 * * * in Europe/Berlin, global',
      '    @Scheduled asked Hello.asked, by hand, global',
      '    @Subscribe hello.greeted Hello.hear, as ears',
      '    @Webhook POST /push Hello.push, for whoever has the hmac-sha256 in x-hub-signature-256, publishes hello.greeted',
      '    @Webhook POST /hook Hello.hook, for whom a function lets pass, publishes hello.greeted',
      '    @Webhook POST /open Hello.open, for everybody, publishes hello.greeted',
    ]);
    expect(owners[0]!.methods.map(({ options }) => options)).to.deep.include.members([
      { topic: 'hello.greeted', id: 'ears' },
      { method: 'POST', path: '/hook', allow: 'unauthenticated', topic: 'hello.greeted', validator: 'function' },
    ]);
  });

  it('prints what is wrong, and ends with 1', async () => {
    using tree = program(
      `const nowhere = createServiceRef({ id: 'acme.nowhere' });\nexport class Hello {}\nInject(nowhere)(Hello, undefined, 0);\nPlugin({ pluginId: 'hello' })(Hello);\n`,
    );

    const failed = await run(tree.root, '--json').then(
      () => undefined,
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );

    expect(failed?.code).to.equal(1);
    expect(failed?.stdout).to.equal('');
    expect(failed?.stderr).to.match(/^The backend did not start, for 1 reason:\n\n1\) \[MISSING_SERVICE\]/);
  });
});
