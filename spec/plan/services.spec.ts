import { expect } from 'chai';
import { createServiceRef, Inject, Injectable, Optional, Plugin, Service } from '../../decorators/index.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { codesIn, onlyProblemIn, planOf } from './plan-problems.js';

interface Greeter {
  greet(): string;
}

const greeterRef = createServiceRef<Greeter>({ id: 'acme.greeter' });
const rootRef = createServiceRef<Greeter>({ id: 'acme.root-greeter', scope: 'root' });

@Service({ implements: greeterRef })
class EnglishGreeter implements Greeter {
  greet(): string {
    return 'hello';
  }
}

@Plugin({ pluginId: 'needy' })
class NeedyPlugin {
  constructor(@Inject(greeterRef) readonly greeter: Greeter) {}
}

@Injectable()
class Helper {
  constructor(@Inject(greeterRef) readonly greeter: Greeter) {}
}

@Plugin({ pluginId: 'deep' })
class DeepPlugin {
  readonly helper: Helper;

  constructor(helper: Helper) {
    this.helper = helper;
  }
}

@Plugin({ pluginId: 'modest' })
class ModestPlugin {
  constructor(@Optional() @Inject(greeterRef) readonly greeter: Greeter | undefined) {}
}

@Injectable()
class LoggingHelper {
  readonly logger: LoggerService;

  constructor(logger: LoggerService) {
    this.logger = logger;
  }
}

@Service({ implements: rootRef })
class RootOfHelpers extends EnglishGreeter {
  readonly helper: LoggingHelper;

  constructor(helper: LoggingHelper) {
    super();
    this.helper = helper;
  }
}

@Service({ implements: rootRef, create: [LoggerService] })
class CreatedRoot extends EnglishGreeter {
  static create(): CreatedRoot {
    return new CreatedRoot();
  }
}

describe('A service that is needed', () => {
  it('is missing where nothing implements it', async () => {
    expect(await codesIn([NeedyPlugin])).to.deep.equal(['MISSING_SERVICE']);
  });

  it('is there where something does, in whatever order they are named', async () => {
    expect(await codesIn([NeedyPlugin, EnglishGreeter])).to.deep.equal([]);
    expect(await codesIn([EnglishGreeter, NeedyPlugin])).to.deep.equal([]);
  });

  it('is missing on behalf of a helper, with the way to that', async () => {
    const { code, path } = await onlyProblemIn([DeepPlugin]);

    expect(code).to.equal('MISSING_SERVICE');
    expect(path.map(step => step.replace(/ \(.*|\(…\).*/, ''))).to.deep.equal([
      "in plugin 'deep'",
      '-> class Helper',
      '-> constructor parameter 0',
      '-> declared by createServiceRef',
    ]);
  });

  it('may be missing where it is optional', async () => {
    expect(await codesIn([ModestPlugin])).to.deep.equal([]);
  });

  it('is told of each who needs it', async () => {
    expect(await codesIn([NeedyPlugin, DeepPlugin])).to.deep.equal(['MISSING_SERVICE', 'MISSING_SERVICE']);
  });

  it('is told with what was meant, where an id is nearly right', async () => {
    const misspelt = createServiceRef<Greeter>({ id: 'acme.greter' });
    class Misspelling {
      readonly greeter: unknown;

      constructor(greeter: unknown) {
        this.greeter = greeter;
      }
    }
    Inject(misspelt)(Misspelling, undefined, 0);
    Plugin({ pluginId: 'misspelling' })(Misspelling);

    expect((await onlyProblemIn([Misspelling, EnglishGreeter])).fix).to.contain("did you mean 'acme.greeter'?");
    expect((await onlyProblemIn([Misspelling])).fix).not.to.contain('did you mean');
  });
});

describe('A root service', () => {
  it('cannot depend on what each plugin has its own of, not even through a helper', async () => {
    const { code, path } = await onlyProblemIn([RootOfHelpers]);

    expect(code).to.equal('ROOT_NEEDS_PLUGIN_SERVICE');
    expect(path[1]).to.contain('-> class LoggingHelper');
  });

  it('cannot be created from that either', async () => {
    const { code, path } = await onlyProblemIn([CreatedRoot]);

    expect(code).to.equal('ROOT_NEEDS_PLUGIN_SERVICE');
    expect(path.at(-1)).to.equal('-> parameter 0 of create() of class CreatedRoot');
  });
});

describe('A service that nobody needs', () => {
  it('is checked as well', async () => {
    @Service({ implements: createServiceRef<object>({ id: 'acme.lonely' }) })
    class Lonely {
      constructor(@Inject(greeterRef) readonly greeter: Greeter) {}
    }

    expect(await codesIn([Lonely])).to.deep.equal(['MISSING_SERVICE']);
  });

  it('is part of the plan', async () => {
    const { services } = await planOf([EnglishGreeter]);

    expect(services.map(({ id }) => id)).to.include('acme.greeter');
  });
});
