// What a newcomer writes, by the public names alone: it compiles, and it runs.
import { createServer } from 'node:http';
import { expect } from 'chai';
import { z } from 'zod';
import {
  Backend,
  clientOf,
  configOf,
  Controller,
  errorOf,
  ExtensionPoint,
  Get,
  Injectable,
  isRemoteError,
  LoggerService,
  Module,
  Plugin,
  Service,
  type Call,
  type Config,
  type DiscoveryService,
  type ExternalTokenHandler,
  type LogMeta,
  type PluginContext,
  type PluginKeyStore,
  type RequestOf,
  type UserTokenIssuer,
  type WireService,
} from 'backplane';
import { createClient, defineApi, get, post } from 'backplane/contract';
import { mockCredentials, MockLogger, mockServices, override, TestBackend } from 'backplane/testing';

// plugin-catalog-common
const Entity = z.object({ kind: z.string(), name: z.string(), license: z.string() });
type Entity = z.infer<typeof Entity>;
const NewLocation = z.object({ url: z.string() });
const Location = z.object({ id: z.string(), url: z.string(), addedBy: z.string() });
type Location = z.infer<typeof Location>;

const catalogApi = defineApi({
  pluginId: 'catalog',
  operations: {
    getEntity: get('/entities/:kind/:name', {
      allow: 'unauthenticated',
      params: z.object({ kind: z.string(), name: z.string() }),
      response: Entity,
      errors: { unknown_entity: { status: 404 } },
    }),
    addLocation: post('/locations', { allow: ['user'], body: NewLocation, response: Location, status: 201 }),
  },
});

const licensesApi = defineApi({
  pluginId: 'licenses',
  operations: {
    check: get('/licenses/:kind/:name', {
      params: z.object({ kind: z.string(), name: z.string() }),
      response: z.object({ license: z.string(), askedBy: z.string() }),
    }),
  },
});

// plugin-catalog-node and plugin-licenses-node
interface EntityProcessor {
  process(entity: Entity): Entity;
}

class CatalogClient extends clientOf(catalogApi) {}
class LicensesClient extends clientOf(licensesApi) {}

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class CatalogProcessing {
  abstract addProcessor(processor: EntityProcessor): void;
}

// plugin-catalog-backend
@ExtensionPoint({ implements: CatalogProcessing })
class CatalogProcessingRegistry extends CatalogProcessing {
  readonly processors: EntityProcessor[] = [];

  addProcessor(processor: EntityProcessor): void {
    this.processors.push(processor);
  }
}

@Injectable()
class CatalogStore {
  readonly locations: Location[] = [];
  processors: readonly EntityProcessor[] = [];
}

class CatalogConfig extends configOf('catalog', z.object({ refresh: z.string().default('5m') })) {}

@Controller(catalogApi)
class CatalogController {
  constructor(
    private readonly store: CatalogStore,
    private readonly licenses: LicensesClient,
    private readonly config: CatalogConfig,
  ) {}

  async getEntity({ params }: RequestOf<typeof catalogApi.getEntity>, call: Call): Promise<Entity> {
    if (params.name === 'nothing') throw errorOf(catalogApi.getEntity, 'unknown_entity');
    const { license } =
      call.credentials.principal.type === 'none'
        ? await this.licenses.check({ params }, { credentials: 'own' })
        : await this.licenses.check({ params }, call);
    return this.store.processors.reduce<Entity>((e, processor) => processor.process(e), { ...params, license });
  }

  async addLocation({ body }: RequestOf<typeof catalogApi.addLocation>, call: Call): Promise<Location> {
    const { principal } = call.credentials;
    const addedBy = principal.type === 'user' ? principal.userEntityRef : '';
    const location = { id: String(this.store.locations.length), url: body.url, addedBy };
    this.store.locations.push(location);
    return location;
  }

  @Get('/stats', { allow: 'unauthenticated' })
  stats(ctx: PluginContext): unknown {
    return { plugin: ctx.pluginId, locations: this.store.locations.length, refresh: this.config.refresh };
  }
}

@Plugin({ pluginId: 'catalog', extensionPoints: [CatalogProcessingRegistry], controllers: [CatalogController] })
class CatalogPlugin {
  constructor(
    private readonly processing: CatalogProcessingRegistry,
    private readonly store: CatalogStore,
    private readonly logger: LoggerService,
  ) {}

  async init(): Promise<void> {
    this.store.processors = this.processing.processors;
    this.logger.info(`${this.processing.processors.length} processors`);
  }

  async shutdown(): Promise<void> {}
}

// plugin-catalog-backend-module-github
class GithubProcessor implements EntityProcessor {
  process(entity: Entity): Entity {
    return { ...entity, kind: entity.kind.toUpperCase() };
  }
}

@Module({ pluginId: 'catalog', moduleId: 'github' })
class CatalogModuleGithub {
  constructor(private readonly processing: CatalogProcessing) {}

  async init(): Promise<void> {
    this.processing.addProcessor(new GithubProcessor());
  }
}

// plugin-licenses-backend
@Controller(licensesApi)
class LicensesController {
  async check(
    _request: RequestOf<typeof licensesApi.check>,
    call: Call,
  ): Promise<{ license: string; askedBy: string }> {
    return { license: 'MIT', askedBy: call.credentials.principal.type };
  }
}

@Plugin({ pluginId: 'licenses', controllers: [LicensesController] })
class LicensesPlugin {}

// services
@Service({ id: 'acme.clock', scope: 'root', default: () => SystemClock })
abstract class Clock {
  abstract now(): Date;
}

@Service({ implements: Clock })
class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

@Service({ id: 'acme.greeter', scope: 'plugin' })
class Greeter {
  greet(): string {
    return 'hello';
  }
}

@Service({ id: 'acme.mailer', scope: 'plugin' })
abstract class Mailer {
  abstract send(text: string): void;
}

@Service({ implements: Mailer, create: [LoggerService] })
class SmtpMailer extends Mailer {
  static async create(logger: LoggerService): Promise<SmtpMailer> {
    return new SmtpMailer(logger);
  }

  private constructor(private readonly logger: LoggerService) {
    super();
  }

  send(text: string): void {
    this.logger.info(text);
  }
}

@Service({ wraps: LoggerService })
class RedactingLogger implements LoggerService {
  constructor(private readonly inner: LoggerService) {}

  error = (message: string, meta?: LogMeta): void => this.inner.error(redacted(message), meta);
  warn = (message: string, meta?: LogMeta): void => this.inner.warn(redacted(message), meta);
  info = (message: string, meta?: LogMeta): void => this.inner.info(redacted(message), meta);
  debug = (message: string, meta?: LogMeta): void => this.inner.debug(redacted(message), meta);
  child = (meta: Record<string, unknown>) => this.inner.child(meta);
}

function redacted(message: string): string {
  return message.replaceAll(/\d/g, '#');
}

@Plugin({ pluginId: 'greeting' })
class GreetingPlugin {
  constructor(
    readonly clock: Clock,
    readonly greeter: Greeter,
    readonly mailer: Mailer,
    readonly catalog: CatalogClient,
  ) {}

  async init(): Promise<void> {
    this.mailer.send(this.greeter.greet());
  }
}

// Stand-ins of the tests
class FixedClock extends Clock {
  now(): Date {
    return new Date(0);
  }
}

class FakeMailer extends Mailer {
  readonly sent: string[] = [];

  constructor(readonly logger: LoggerService) {
    super();
  }

  send(text: string): void {
    this.sent.push(text);
  }
}

/** What an installation may implement or ask for has a name as well. */
export type Named = Config | DiscoveryService | ExternalTokenHandler | PluginKeyStore | UserTokenIssuer | WireService;

describe('The example of the design', () => {
  it('runs as a test writes it', async () => {
    const logger = new MockLogger();
    await using backend = await TestBackend.start({
      features: [CatalogPlugin, CatalogModuleGithub, Promise.resolve({ default: LicensesPlugin }), GreetingPlugin],
      overrides: [
        override(LoggerService).withValue(mockServices.logger()),
        override(Clock).withClass(FixedClock),
        override(Mailer).withFactory(l => new FakeMailer(l), [LoggerService]),
      ],
    });

    const stats = await backend.request.get('/api/catalog/stats');
    const entity = await backend.request.get('/api/catalog/entities/component/koa');
    const user = { authorization: mockCredentials.user.header('user:default/ada') };
    const added = await backend.request.post('/api/catalog/locations', { headers: user, body: { url: 'https://a' } });
    const { clock, mailer, catalog } = backend.get(GreetingPlugin, { pluginId: 'greeting' });
    const params = { kind: 'a', name: 'nothing' };
    const refused = await catalog.getEntity({ params }, { credentials: 'own' }).catch((error: unknown) => error);

    expect(stats.body).to.deep.equal({ plugin: 'catalog', locations: 0, refresh: '5m' });
    expect(entity.body).to.deep.equal({ kind: 'COMPONENT', name: 'koa', license: 'MIT' });
    expect([added.status, added.body]).to.deep.equal([201, { id: '0', url: 'https://a', addedBy: 'user:default/ada' }]);
    expect(backend.get(CatalogStore, { pluginId: 'catalog' }).locations).to.have.length(1);
    expect(clock.now().getTime()).to.equal(0);
    expect(mailer).to.have.property('sent').that.deep.equals(['hello']);
    expect(isRemoteError(refused, catalogApi.getEntity, 'unknown_entity')).to.equal(true);
    expect(logger.entries).to.deep.equal([]);
  });

  it('runs as a program', async () => {
    const port = await freePort();
    await using _backend = await Backend.start({
      features: [CatalogPlugin, CatalogModuleGithub, LicensesPlugin, GreetingPlugin, SmtpMailer, RedactingLogger],
      config: { backend: { listen: { host: '127.0.0.1', port }, logger: { level: 'silent' } } },
      host: false,
    });
    const client = createClient(catalogApi, { baseUrl: `http://127.0.0.1:${port}` });

    expect(await client.getEntity({ params: { kind: 'a', name: 'b' } })).to.deep.equal({
      kind: 'A',
      name: 'b',
      license: 'MIT',
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
