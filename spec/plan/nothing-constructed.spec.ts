import { expect } from 'chai';
import {
  Controller,
  createServiceRef,
  ExtensionPoint,
  FeatureLoader,
  Get,
  Inject,
  Injectable,
  Module,
  Plugin,
  Service,
} from '../../decorators/index.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { Backend } from '../../lib/default-backend.js';
import { override } from '../../lib/testing/override.js';
import { TestBackend, type TestBackendOptions } from '../../lib/testing/test-backend.js';
import { quiet } from '../errors/error-fixture.js';

/** Everything that ran which is not for a plan to run. */
const ran: string[] = [];

/** The base of every class here. */
class Recorded {
  constructor() {
    ran.push(`constructor of ${new.target.name}`);
  }

  init(): void {
    ran.push(`init() of ${this.constructor.name}`);
  }

  shutdown(): void {
    ran.push(`shutdown() of ${this.constructor.name}`);
  }

  [Symbol.dispose](): void {
    ran.push(`disposal of ${this.constructor.name}`);
  }
}

const rootRef = createServiceRef<object>({ id: 'acme.root', scope: 'root', default: () => DefaultRoot });
const createdRef = createServiceRef<object>({ id: 'acme.created', scope: 'root' });
const pluginRef = createServiceRef<object>({ id: 'acme.plugin', scope: 'plugin' });
const manyRef = createServiceRef<object>({ id: 'acme.many', scope: 'root', multiton: true });

@Service({ implements: rootRef })
class DefaultRoot extends Recorded {}

@Service({ implements: createdRef, create: [LoggerService as never] })
class Created extends Recorded {
  static create(): Created {
    ran.push('create() of Created');
    return new Created();
  }
}

@Service({ implements: createdRef, create: [], retry: { attempts: 1, delay: 1 } })
class SoundCreated extends Recorded {
  static create(): SoundCreated {
    ran.push('create() of SoundCreated');
    return new SoundCreated();
  }
}

@Service({ wraps: rootRef })
class RootWrapper extends Recorded {
  constructor(readonly inner: object) {
    super();
  }
}

@Service({ implements: pluginRef, eager: true })
class EagerService extends Recorded {}

@Service({ implements: manyRef })
class OneOfMany extends Recorded {}

@Injectable()
class Helper extends Recorded {}

@Controller()
class Routes extends Recorded {
  @Get('/')
  index(): string {
    ran.push('index()');
    return 'index';
  }
}

@ExtensionPoint({ pluginId: 'sound', id: 'point' })
abstract class Point {
  abstract add(): void;
}

@ExtensionPoint({ implements: Point })
class Registry extends Recorded {
  add(): void {
    ran.push('add()');
  }
}

@Plugin({ pluginId: 'sound', controllers: [Routes], extensionPoints: [Registry] })
class SoundPlugin extends Recorded {
  constructor(
    readonly helper: Helper,
    @Inject(rootRef) readonly root: object,
    @Inject(pluginRef) readonly service: object,
    @Inject(createdRef) readonly created: object,
  ) {
    super();
  }
}

@Module({ pluginId: 'sound', moduleId: 'm' })
class SoundModule extends Recorded {
  constructor(readonly point: Point) {
    super();
  }
}

@Plugin({ pluginId: 'broken' })
class BrokenPlugin extends Recorded {
  constructor(@Inject(createServiceRef<object>({ id: 'acme.nowhere' })) readonly nowhere: object) {
    super();
  }
}

const sound = [SoundPlugin, SoundModule, SoundCreated, RootWrapper, EagerService, OneOfMany];

async function codesOf(work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof BackendStartupError) return error.problems.map(({ code }) => code);
    throw error;
  }
  return [];
}

describe('Nothing is constructed', () => {
  beforeEach(() => ran.splice(0));

  it('to make a plan', async () => {
    await TestBackend.plan({ features: sound });

    expect(ran).to.deep.equal([]);
  });

  it('by a start of which the plan has a problem, be it in the last corner', async () => {
    const start = (options: TestBackendOptions) => codesOf(() => TestBackend.start(options));

    expect(await start({ features: [...sound, BrokenPlugin] })).to.deep.equal(['MISSING_SERVICE']);
    expect(await start({ features: sound.filter(f => f !== SoundCreated).concat(Created as never) })).to.deep.equal([
      'ROOT_NEEDS_PLUGIN_SERVICE',
    ]);
    expect(await start({ features: [...sound, 7] })).to.deep.equal(['NOT_A_FEATURE']);
    expect(await start({ features: sound, config: { backend: { listen: 'x' } } })).to.deep.equal(['INVALID_CONFIG']);
    expect(ran).to.deep.equal([]);
  });

  it('by a start of a program of which the plan has a problem, and no factory of a test is called', async () => {
    const factory = () => {
      ran.push('factory');
      return {};
    };
    const overrides = [override(Helper).withFactory(factory as never)];

    expect(
      await codesOf(() => new Backend({ features: [...sound, BrokenPlugin], config: quiet }).start()),
    ).to.deep.equal(['MISSING_SERVICE']);
    expect(await codesOf(() => TestBackend.start({ features: [...sound, BrokenPlugin], overrides }))).to.deep.equal([
      'MISSING_SERVICE',
    ]);
    expect(ran).to.deep.equal([]);
  });

  it('but what a feature loader needs, which is disposed again where the plan has a problem', async () => {
    @FeatureLoader()
    class Loader {
      constructor(@Inject(rootRef) readonly root: object) {}

      load(): unknown {
        return sound.concat(BrokenPlugin as never);
      }
    }

    expect(await codesOf(() => TestBackend.start({ features: [RootWrapper, Loader] }))).to.deep.equal([
      'MISSING_SERVICE',
    ]);
    expect(ran).to.deep.equal([
      'constructor of DefaultRoot',
      'constructor of RootWrapper',
      'disposal of RootWrapper',
      'disposal of DefaultRoot',
    ]);
  });

  it('which is not so of a start without a problem: everything here is constructed by one', async () => {
    const backend = await TestBackend.start({ features: sound });
    await backend.stop();

    const constructed = ran
      .filter(step => step.startsWith('constructor'))
      .map(step => step.replace('constructor of ', ''));
    expect(constructed).to.have.members([
      'DefaultRoot',
      'RootWrapper',
      'SoundCreated',
      'EagerService',
      'OneOfMany',
      'Helper',
      'Routes',
      'Registry',
      'SoundPlugin',
      'SoundModule',
    ]);
  });
});
