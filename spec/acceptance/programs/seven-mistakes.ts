import { z } from 'zod';
import {
  Backend,
  configOf,
  createServiceRef,
  ExtensionPoint,
  Get,
  Inject,
  LoggerService,
  Module,
  Plugin,
  Service,
} from '../../../lib/index.js';

/** Says on the standard output when it is constructed, which none of these classes must be. */
class Constructed {
  constructor() {
    process.stdout.write(`${new.target.name} was constructed\n`);
  }
}

interface Mailer {
  send(to: string): void;
}

const mailerRef = createServiceRef<Mailer>({ id: 'acme.mailer' });
const misspeltRef = createServiceRef<Mailer>({ id: 'acme.mialer' });

@Service({ implements: mailerRef })
class SmtpMailer extends Constructed implements Mailer {
  send(): void {}
}

// 1: the id of the service is misspelt.
@Plugin({ pluginId: 'letters' })
class LettersPlugin extends Constructed {
  constructor(@Inject(misspeltRef) readonly mailer: Mailer) {
    super();
  }
}

@Service({ id: 'acme.clock', scope: 'root' })
abstract class Clock extends Constructed {
  abstract now(): Date;
}

// 2: what implements the clock injects the clock.
@Service({ implements: Clock })
class SlowClock extends Clock {
  constructor(readonly clock: Clock) {
    super();
  }

  now(): Date {
    return this.clock.now();
  }
}

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class Processing extends Constructed {
  abstract add(processor: string): void;
}

@ExtensionPoint({ implements: Processing })
class ProcessingRegistry extends Processing {
  add(): void {}
}

@Plugin({ pluginId: 'catalog', extensionPoints: [ProcessingRegistry] })
class CatalogPlugin extends Constructed {
  constructor(readonly logger: LoggerService) {
    super();
  }
}

// 3: a plugin uses the extension point of another.
@Plugin({ pluginId: 'search' })
class SearchPlugin extends Constructed {
  constructor(readonly processing: Processing) {
    super();
  }
}

// 4: the plugin is called 'catalog'.
@Module({ pluginId: 'catlog', moduleId: 'github' })
class GithubModule extends Constructed {}

interface Settings {
  readonly url: string;
}

// 5: an interface does not exist at run time.
@Plugin({ pluginId: 'billing' })
class BillingPlugin extends Constructed {
  constructor(readonly settings: Settings) {
    super();
  }
}

@Plugin({ pluginId: 'entries' })
class EntriesPlugin extends Constructed {
  @Get('/:id')
  byId(): string {
    return 'id';
  }

  // 6: both answer the same requests.
  @Get('/:name')
  byName(): string {
    return 'name';
  }
}

class ReportsConfig extends configOf('reports', z.object({ every: z.string() })) {}

// 7: the configuration says a number.
@Plugin({ pluginId: 'reports' })
class ReportsPlugin extends Constructed {
  constructor(readonly config: ReportsConfig) {
    super();
  }
}

await Backend.start({
  features: [
    SmtpMailer,
    LettersPlugin,
    SlowClock,
    CatalogPlugin,
    SearchPlugin,
    GithubModule,
    BillingPlugin,
    EntriesPlugin,
    ReportsPlugin,
  ],
  config: { backend: { listen: false }, reports: { every: 5 } },
});
process.stdout.write('started\n');
