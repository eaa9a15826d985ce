import { expect } from 'chai';
import { z } from 'zod';
import type { Class } from '../../decorators/tokens.js';
import { currentAccount } from '../../lib/api/attribution.js';
import {
  BackendStatusService,
  Controller,
  ExtensionPoint,
  Get,
  HealthCheck,
  HttpRouterService,
  InjectAll,
  Injectable,
  LoggerService,
  Module,
  Plugin,
  PluginMetadataService,
  RootConfigService,
  RootHealthService,
  RootInstanceMetadataService,
  Service,
  configOf,
} from '../../lib/index.js';
import { RestartableBackend } from './restartable-backend.js';

/** Shared by all three, so that there is something to mix up. */
@Injectable()
class Memory {
  readonly lines: string[] = [];
}

@Service({ id: 'acme.greeter', scope: 'plugin' })
class Greeter {
  constructor(
    readonly plugin: PluginMetadataService,
    readonly memory: Memory,
  ) {}
  greet(): string {
    this.memory.lines.push('greeted');
    return `hello from ${this.plugin.getId()}, ${this.memory.lines.length} times`;
  }
}

@Service({ wraps: Greeter, plugins: ['orders'] })
class Politely extends Greeter {
  constructor(
    private readonly inner: Greeter,
    plugin: PluginMetadataService,
    memory: Memory,
  ) {
    super(plugin, memory);
  }
  override greet(): string {
    return `please: ${this.inner.greet()}`;
  }
}

@Service({ id: 'acme.tag', scope: 'plugin', multiton: true })
abstract class Tag {
  abstract readonly name: string;
}

@Service({ implements: Tag })
class CommonTag extends Tag {
  readonly name = 'common';
}

@Service({ implements: Tag, plugins: ['billing'] })
class BillingTag extends Tag {
  readonly name = 'billing';
}

@Service({ id: 'acme.wanted-indirectly', scope: 'plugin' })
class WantedIndirectly {}

@Service({ id: 'acme.wanted-by-one', scope: 'plugin' })
class WantedByOne {
  constructor(readonly indirectly: WantedIndirectly) {}
}

@Injectable()
abstract class Observed {
  readonly accounts: Record<string, string | undefined> = { constructor: currentAccount()?.pluginId };
  readonly phases: [string, string][] = [];

  constructor(
    readonly greeter: Greeter,
    readonly memory: Memory,
    readonly logger: LoggerService,
    readonly config: RootConfigService,
    readonly instance: RootInstanceMetadataService,
    readonly health: RootHealthService,
    @InjectAll(Tag) readonly tags: Tag[],
    status: BackendStatusService,
  ) {
    status.subscribe(event => {
      if (event.type === 'plugin-phase') this.phases.push([event.pluginId, event.phase]);
    });
  }

  init(): void {
    this.accounts['init()'] = currentAccount()?.pluginId;
    this.logger.info(this.greeter.greet());
    this.memory.lines.push('initialised');
  }

  @Get('/greet', { allow: 'unauthenticated' })
  greet(): unknown {
    this.accounts['request'] = currentAccount()?.pluginId;
    this.logger.info('asked', { by: 'request' });
    return { greeting: this.greeter.greet(), memory: this.memory.lines, tags: this.tags.map(tag => tag.name) };
  }

  @Get('/wrong', { allow: 'unauthenticated' })
  wrong(): never {
    throw new Error('wrong');
  }

  @HealthCheck()
  fine(): void {}
}

class OrdersConfig extends configOf('orders', z.object({ limit: z.number() })) {}

@ExtensionPoint({ pluginId: 'orders', id: 'sources' })
abstract class OrderSources {
  abstract add(source: string): void;
}

@ExtensionPoint({ implements: OrderSources })
class OrderSourceList extends OrderSources {
  constructor(private readonly memory: Memory) {
    super();
  }
  add(source: string): void {
    this.memory.lines.push(`source ${source}`);
  }
}

@Controller({ path: '/list' })
class OrdersController {
  constructor(
    private readonly memory: Memory,
    readonly wanted: WantedByOne,
    private readonly section: OrdersConfig,
  ) {}
  @Get('/:id', { allow: 'unauthenticated' })
  one(ctx: { readonly params: Readonly<Record<string, string>> }): unknown {
    return { id: ctx.params['id'], memory: this.memory.lines.length, limit: this.section.limit };
  }
}

@Plugin({ pluginId: 'orders', extensionPoints: [OrderSourceList], controllers: [OrdersController], config: ['common'] })
class OrdersPlugin extends Observed {}

@Module({ pluginId: 'orders', moduleId: 'mail' })
class OrdersModuleMail {
  constructor(
    private readonly sources: OrderSources,
    private readonly greeter: Greeter,
    private readonly logger: LoggerService,
  ) {}
  init(): void {
    this.sources.add('mail');
    this.logger.info('mail is ready', { greeting: this.greeter.greet() });
  }
}

@ExtensionPoint({ pluginId: 'billing', id: 'sources' })
abstract class BillingSources {
  abstract add(source: string): void;
}

@ExtensionPoint({ implements: BillingSources, perModule: true })
class BillingSourceList extends BillingSources {
  constructor(private readonly memory: Memory) {
    super();
  }
  add(source: string): void {
    this.memory.lines.push(`bill ${source}`);
  }
}

@Plugin({ pluginId: 'billing', extensionPoints: [BillingSourceList] })
class BillingPlugin extends Observed {}

@Module({ pluginId: 'billing', moduleId: 'mail' })
class BillingModuleMail {
  constructor(private readonly sources: BillingSources) {}
  init(): void {
    this.sources.add('mail');
  }
}

@Module({ pluginId: 'billing', moduleId: 'post', after: ['mail'] })
class BillingModulePost {
  constructor(private readonly sources: BillingSources) {}
  init(): void {
    this.sources.add('post');
  }
}

@Controller()
class ArchiveController {
  constructor(router: HttpRouterService) {
    router.use('/old', ctx => void (ctx.body = { path: ctx.path }), { allow: 'unauthenticated' });
  }
}

/** Its id begins with that of another. */
@Plugin({ pluginId: 'orders-archive', controllers: [ArchiveController] })
class ArchivePlugin extends Observed {}

interface Subject {
  readonly pluginId: string;
  readonly main: Class<Observed>;
  readonly features: readonly Class[];
  readonly paths: readonly string[];
}

const services = [CommonTag, BillingTag, Politely];

const subjects: readonly Subject[] = [
  {
    pluginId: 'orders',
    main: OrdersPlugin,
    features: [OrdersPlugin, OrdersModuleMail],
    paths: ['/greet', '/wrong', '/list/7', '/old/x', '/nothing', ''],
  },
  {
    pluginId: 'billing',
    main: BillingPlugin,
    features: [BillingPlugin, BillingModuleMail, BillingModulePost],
    paths: ['/greet', '/wrong', '/list/7', '/nothing', ''],
  },
  {
    pluginId: 'orders-archive',
    main: ArchivePlugin,
    features: [ArchivePlugin],
    paths: ['/greet', '/old/x', '/old', '/list/7', '/nothing', ''],
  },
];

const config = {
  app: { title: 'shop' },
  common: { currency: 'EUR' },
  orders: { limit: 3, secret: 'of orders' },
  billing: { account: 'of billing' },
  'orders-archive': { years: 10 },
};

/** Everything that can be seen of one plugin, in a backend with some plugins. */
async function observe(
  { pluginId, main, paths }: Subject,
  others: readonly Subject[],
): Promise<Record<string, unknown>> {
  const features = [...services, ...others.flatMap(subject => subject.features)];
  const backend = await RestartableBackend.of(features, { config });
  const answers: unknown[] = [];
  for (const path of paths) {
    const { status, headers, body } = await backend.request.get(`/api/${pluginId}${path}`);
    answers.push({ path, status, type: headers['content-type'], body: withoutRequestId(body) });
  }
  // What the others are asked must not be seen here either.
  for (const other of others.filter(subject => subject.pluginId !== pluginId)) {
    for (const path of other.paths) await backend.request.get(`/api/${other.pluginId}${path}`);
  }
  const plugin = backend.instance(main, pluginId);
  const observed = {
    bindings: backend.bindings(pluginId),
    answers,
    config: plugin.config.get(),
    configKeys: plugin.config.keys(),
    log: linesOf(backend, pluginId),
    accounts: plugin.accounts,
    installed: plugin.instance.getInstalledPlugins().find(installed => installed.pluginId === pluginId),
    health: (await plugin.health.getPlugins())
      .filter(health => health.pluginId === pluginId)
      .map(({ status, checks }) => [status, checks.map(({ id, status: result }) => [id, result])]),
    memory: plugin.memory.lines,
    tags: plugin.tags.map(tag => tag.name),
  };
  await backend.stop();
  return { ...observed, phases: plugin.phases.filter(([id]) => id === pluginId).map(([, phase]) => phase) };
}

function linesOf({ log }: RestartableBackend, pluginId: string): unknown[] {
  return log
    .filter(({ meta }) => meta['plugin'] === pluginId)
    .map(({ level, message, meta }) => [level, message.replace(/\d+ ms/, 'some ms'), Object.keys(meta).toSorted()]);
}

function withoutRequestId(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'requestId' in body ? { ...body, requestId: '' } : body;
}

describe('All that can be seen of a plugin', () => {
  for (const subject of subjects) {
    const { pluginId } = subject;

    it(`I1 I5 I29 I31 I41 is the same for '${pluginId}' alone and together with the others`, async () => {
      const alone = await observe(subject, [subject]);
      const together = await observe(subject, subjects);
      const last = await observe(subject, [...subjects.filter(other => other !== subject), subject]);

      expect(together).to.deep.equal(alone);
      expect(last).to.deep.equal(alone);
    });
  }

  it('is something: the comparison sees each of its parts', async () => {
    const {
      bindings,
      answers,
      config: seen,
      log,
      accounts,
      installed,
      memory,
      phases,
    } = await observe(subjects[0]!, subjects);

    expect(bindings).to.have.all.keys('services', 'services of its own', 'plugin', 'module mail');
    expect((bindings as { services: string[] }).services).to.include.members([
      'acme.wanted-by-one',
      'acme.wanted-indirectly',
    ]);
    expect((answers as { status: number }[]).map(answer => answer.status)).to.deep.equal([
      200, 500, 200, 404, 404, 404,
    ]);
    expect(seen).to.have.keys('app', 'backend', 'common', 'orders');
    expect((log as unknown[]).length).to.be.at.least(4);
    expect(accounts).to.deep.equal({ constructor: 'orders', 'init()': 'orders', request: 'orders' });
    expect(installed).to.deep.equal({ pluginId: 'orders', modules: [{ moduleId: 'mail' }] });
    expect(memory).to.include.members(['source mail', 'initialised']);
    expect(phases).to.deep.equal(['ready', 'stopping']);
  });

  it('differs between plugins, so that a mix-up would be seen', async () => {
    const [orders, billing] = [await observe(subjects[0]!, subjects), await observe(subjects[1]!, subjects)];

    for (const part of Object.keys(orders).filter(key => key !== 'health' && key !== 'phases')) {
      expect(orders[part], part).to.not.deep.equal(billing[part]);
    }
  });
});
