import { expect } from 'chai';
import { createServiceRef, FeatureLoader, Inject, Injectable, Plugin, Service } from '../../decorators/index.js';
import { override } from '../../lib/testing/override.js';
import { codesIn, onlyProblemIn, problemsIn } from './plan-problems.js';

const aRef = createServiceRef<object>({ id: 'acme.a' });
const bRef = createServiceRef<object>({ id: 'acme.b' });

@Service({ implements: aRef })
class NeedsB {
  constructor(@Inject(bRef) readonly b: object) {}
}

@Service({ implements: bRef })
class NeedsA {
  constructor(@Inject(aRef) readonly a: object) {}
}

@Service({ implements: aRef })
class Harmless {}

@Service({ wraps: aRef })
class WrapperThatNeedsB {
  constructor(
    readonly inner: object,
    @Inject(bRef) readonly b: object,
  ) {}
}

@Service({ wraps: aRef })
class WrapperThatNeedsItself {
  constructor(
    readonly inner: object,
    @Inject(aRef) readonly a: object,
  ) {}
}

@Plugin({ pluginId: 'user' })
class User {
  constructor(@Inject(aRef) readonly a: object) {}
}

describe('A cycle', () => {
  it('of services is found with its path', async () => {
    const { code, message, path } = await onlyProblemIn([NeedsB, NeedsA]);

    expect(code).to.equal('DEPENDENCY_CYCLE');
    expect(message).to.contain(
      "service 'acme.a' (class NeedsB) -> service 'acme.b' (class NeedsA) -> service 'acme.a'",
    );
    expect(path).to.have.length(3);
    for (const step of path) expect(step).to.match(/\(spec\/plan\/cycles\.spec\.ts:\d+:2\)$/);
  });

  it('is found once, however many plugins get into it', async () => {
    @Plugin({ pluginId: 'other' })
    class Other extends User {}

    expect(await codesIn([User, Other, NeedsB, NeedsA])).to.deep.equal(['DEPENDENCY_CYCLE']);
  });

  it('is not there where the implementation that would close it has been replaced', async () => {
    expect(await codesIn([Harmless, [NeedsA]])).to.deep.equal([]);
    expect(await codesIn([NeedsB, NeedsA], { overrides: [override(aRef).withClass(Harmless)] })).to.deep.equal([]);
  });

  it('through a test override is found', async () => {
    const overrides = [override(aRef).withFactory(inner => ({ inner }), [bRef])];

    expect(await codesIn([Harmless, NeedsA], { overrides })).to.deep.equal(['DEPENDENCY_CYCLE']);
  });

  it('through a default is found', async () => {
    const cRef = createServiceRef<object>({ id: 'acme.c', default: () => DefaultC });
    @Service({ implements: cRef })
    class DefaultC {
      constructor(@Inject(aRef) readonly a: object) {}
    }
    @Service({ implements: aRef })
    class NeedsC {
      constructor(@Inject(cRef) readonly c: object) {}
    }

    expect(await codesIn([User, NeedsC])).to.deep.equal(['DEPENDENCY_CYCLE']);
  });

  it('through a wrapper is found', async () => {
    const { message } = await onlyProblemIn([Harmless, WrapperThatNeedsB, NeedsA]);

    expect(message).to.contain('(wrapper WrapperThatNeedsB)');
  });

  it('of a wrapper and what it wraps says what a wrapper has to do', async () => {
    const { code, fix } = await onlyProblemIn([Harmless, WrapperThatNeedsItself]);

    expect(code).to.equal('DEPENDENCY_CYCLE');
    expect(fix).to.contain('take that one as first parameter');
  });

  it('of an implementation that injects what it implements says "use wraps", wrapped or not', async () => {
    @Service({ implements: aRef })
    class NeedsItself {
      constructor(@Inject(aRef) readonly a: object) {}
    }
    @Service({ wraps: aRef })
    class Wrapper {
      constructor(readonly inner: object) {}
    }

    expect((await onlyProblemIn([NeedsItself])).fix).to.contain('use wraps instead of implements');
    expect((await onlyProblemIn([NeedsItself, Wrapper])).fix).to.contain('use wraps instead of implements');
  });

  it('of a helper and its plugin is found', async () => {
    @Injectable()
    class Helper {
      constructor(readonly plugin: unknown) {}
    }
    class Self {
      constructor(readonly helper: unknown) {}
    }
    (Inject(Helper) as ParameterDecorator)(Self, undefined, 0);
    Plugin({ pluginId: 'self' })(Self);
    (Inject(Self) as ParameterDecorator)(Helper, undefined, 0);

    expect((await onlyProblemIn([Self])).message).to.contain("plugin 'self' -> class Helper -> plugin 'self'");
  });

  it('is told with every other one', async () => {
    const cRef = createServiceRef<object>({ id: 'acme.c' });
    @Service({ implements: cRef })
    class NeedsItself {
      constructor(@Inject(cRef) readonly c: object) {}
    }

    const problems = await problemsIn([NeedsB, NeedsA, NeedsItself]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['DEPENDENCY_CYCLE', 'DEPENDENCY_CYCLE']);
  });

  it('of a loader is found, and not waited for', async () => {
    const rootRef = createServiceRef<object>({ id: 'acme.root', scope: 'root' });
    @Service({ implements: rootRef })
    class NeedsItself {
      constructor(@Inject(rootRef) readonly root: object) {}
    }
    @FeatureLoader()
    class Loader {
      constructor(@Inject(rootRef) readonly root: object) {}

      load(): unknown {
        return [];
      }
    }

    const problems = await problemsIn([NeedsItself, Loader]);

    expect(problems.map(({ path }) => path[0])).to.include('in features[1] → loader Loader');
    expect(new Set(problems.map(({ code }) => code))).to.deep.equal(new Set(['DEPENDENCY_CYCLE']));
  });
});
