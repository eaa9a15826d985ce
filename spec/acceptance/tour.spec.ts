import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { defineApi, defineTopic, get, type RequestOf, type ResponseOf } from '../../lib/contract/index.js';
import {
  BackendStartupError,
  CacheService,
  clientOf,
  configOf,
  Controller,
  DatabaseService,
  errorOf,
  EventsService,
  ExtensionPoint,
  Get,
  Module,
  Operation,
  Plugin,
  Post,
  Scheduled,
  Service,
  Subscribe,
  type Call,
  type Event,
  type PluginContext,
  type TaskRun,
} from '../../lib/index.js';
import { mockCredentials, override, TestBackend } from '../../lib/testing/index.js';
import { until } from '../faults/harness/until.js';
import { repository } from './program.js';

// The examples of the README, which shows them as they are here.

class GreeterConfig extends configOf('greeter', z.object({ greeting: z.string().default('Hello') })) {}

@Service({ id: 'acme.clock', scope: 'root', default: () => SystemClock })
abstract class Clock {
  abstract now(): Date;
}

@Service({ implements: Clock })
class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}

@Service({ wraps: Clock })
class SteadyClock extends Clock {
  private latest = new Date(0);

  constructor(private readonly inner: Clock) {
    super();
  }

  /** Never goes back, whatever happens to the clock of the machine. */
  override now(): Date {
    const now = this.inner.now();
    return (this.latest = now > this.latest ? now : this.latest);
  }
}

@ExtensionPoint({ pluginId: 'greeter', id: 'languages' })
abstract class Languages {
  abstract add(language: string, greeting: string): void;
}

@ExtensionPoint({ implements: Languages })
class LanguageRegistry extends Languages {
  readonly greetings = new Map<string, string>();

  override add(language: string, greeting: string): void {
    this.greetings.set(language, greeting);
  }
}

@Plugin({ pluginId: 'greeter', extensionPoints: [LanguageRegistry] })
class GreeterPlugin {
  constructor(
    private readonly languages: LanguageRegistry,
    private readonly config: GreeterConfig,
    private readonly clock: Clock,
  ) {}

  @Get('/:language', { allow: 'unauthenticated' })
  greet({ params }: PluginContext): { greeting: string; at: Date } {
    const greeting = this.languages.greetings.get(params['language']!) ?? this.config.greeting;
    return { greeting, at: this.clock.now() };
  }
}

@Module({ pluginId: 'greeter', moduleId: 'german' })
class GreeterModuleGerman {
  constructor(private readonly languages: Languages) {}

  init(): void {
    this.languages.add('de', 'Hallo');
  }
}

const ratesApi = defineApi({
  pluginId: 'rates',
  operations: {
    getRate: get('/rates/:currency', {
      allow: ['user', 'service'],
      params: z.object({ currency: z.string().length(3) }),
      response: z.object({ currency: z.string(), rate: z.number() }),
      errors: { unknown_currency: { status: 404 } },
    }),
  },
});

@Controller(ratesApi)
class RatesController {
  getRate({ params: { currency } }: RequestOf<typeof ratesApi.getRate>): ResponseOf<typeof ratesApi.getRate> {
    if (currency !== 'EUR') throw errorOf(ratesApi.getRate, 'unknown_currency');
    return { currency, rate: 1 };
  }
}

class RatesClient extends clientOf(ratesApi) {}

@Plugin({ pluginId: 'rates', controllers: [RatesController] })
class RatesPlugin {}

const pricesApi = defineApi({
  pluginId: 'prices',
  operations: {
    getPrice: get('/price/:currency', {
      params: z.object({ currency: z.string() }),
      response: z.object({ price: z.number() }),
    }),
  },
});

@Plugin({ pluginId: 'prices' })
class PricesPlugin {
  constructor(private readonly rates: RatesClient) {}

  @Operation(pricesApi.getPrice)
  async getPrice({ params }: RequestOf<typeof pricesApi.getPrice>, call: Call): Promise<{ price: number }> {
    const { rate } = await this.rates.getRate({ params }, call); // on behalf of whoever asks for the price
    return { price: 100 * rate };
  }
}

const visited = defineTopic({ pluginId: 'guests', id: 'visited', payload: z.object({ name: z.string() }) });

@Entity('visits')
class Visit {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar')
  name!: string;
}

@Plugin({ pluginId: 'guests', entities: [Visit] })
class GuestsPlugin {
  constructor(
    private readonly database: DatabaseService,
    private readonly events: EventsService,
    private readonly cache: CacheService,
  ) {}

  @Post('/:name', { allow: 'unauthenticated' })
  async visit({ params: { name = '' } }: PluginContext): Promise<void> {
    const source = await this.database.getDataSource();
    await source.transaction(async manager => {
      await manager.insert(Visit, { name });
      await this.events.publish(visited, { name }, { manager }); // if, and only if, this commits
    });
  }

  @Subscribe(visited, { id: 'remember' })
  async remember({ payload }: Event<typeof visited>): Promise<void> {
    await this.cache.set('latest', payload.name, { ttl: '1h' });
  }

  @Scheduled({ id: 'forget', cron: '0 3 * * *', timeZone: 'Europe/Berlin' })
  async forget(_signal: AbortSignal, run: TaskRun): Promise<void> {
    await run.write(manager => manager.deleteAll(Visit)); // nothing, once another instance has taken over
  }
}

describe('the tour of the README', () => {
  it('overrides a service in a test', async () => {
    const backend = await TestBackend.start({
      features: [GreeterPlugin, GreeterModuleGerman],
      overrides: [override(Clock).withValue({ now: () => new Date(0) })],
    });

    const { body } = await backend.request.get('/api/greeter/de');

    expect(body).to.deep.equal({ greeting: 'Hallo', at: '1970-01-01T00:00:00.000Z' });
    await backend.stop();
  });

  it('reads configuration', async () => {
    await using backend = await TestBackend.start({
      features: [GreeterPlugin],
      config: { greeter: { greeting: 'Good day' } },
    });

    const { body } = await backend.request.get('/api/greeter/fr');

    expect(body).to.have.property('greeting', 'Good day');
  });

  it('wraps a service', async () => {
    const times = [new Date(2000), new Date(1000)];
    @Service({ implements: Clock })
    class ClockSetBack extends Clock {
      override now(): Date {
        return times.shift()!;
      }
    }
    await using backend = await TestBackend.start({ features: [GreeterPlugin, ClockSetBack, SteadyClock] });

    await backend.request.get('/api/greeter/en');
    const { body } = await backend.request.get('/api/greeter/en');

    expect(body).to.have.property('at', new Date(2000).toISOString());
  });

  it('calls another plugin on behalf of the caller', async () => {
    await using backend = await TestBackend.start({ features: [RatesPlugin, PricesPlugin] });
    const headers = { authorization: mockCredentials.user.header() };

    const { body } = await backend.request.get('/api/prices/price/EUR', { headers });
    const { status } = await backend.request.get('/api/prices/price/EUR');

    expect(body).to.deep.equal({ price: 100 });
    expect(status).to.equal(401);
  });

  it('keeps data, publishes and handles an event, and runs a task', async () => {
    await using backend = await TestBackend.start({ features: [GuestsPlugin] });
    const where = { pluginId: 'guests' };
    const visits = (await backend.get(DatabaseService, where).getDataSource()).getRepository(Visit);

    await backend.request.post('/api/guests/Ada');
    const found = await visits.find();
    await until('the event is handled', async () => (await backend.get(CacheService, where).get('latest')) === 'Ada');
    await backend.runTask('forget', where);
    await until('the task has run', async () => (await visits.count()) === 0);

    expect(found).to.deep.equal([{ id: 1, name: 'Ada' }]);
  });

  it('shows what an error looks like', async () => {
    @Service({ id: 'acme.mailer', scope: 'plugin' })
    abstract class Mailer {
      abstract send(): void;
    }
    @Plugin({ pluginId: 'billing' })
    class BillingPlugin {
      constructor(readonly mailer: Mailer) {}
    }
    @Module({ pluginId: 'billing', moduleId: 'german' })
    class BillingModuleGerman {
      constructor(readonly languages: Languages) {}
    }

    const failure = await TestBackend.start({
      features: [GreeterPlugin, BillingPlugin, BillingModuleGerman],
    }).catch((error: unknown) => error);

    expect(failure).to.be.instanceOf(BackendStartupError);
    const [, shown = ''] = /```\n(The backend did not start.*?)```/s.exec(readme) ?? [];
    expect(withoutPlaces(shown)).to.equal(withoutPlaces((failure as BackendStartupError).message));
  });
});

const readme = readFileSync(`${repository}README.md`, 'utf8');

function withoutPlaces(text: string): string {
  return text.replaceAll(/\([^()]*\.ts:\d+:\d+\)/g, '(place)').trimEnd();
}
