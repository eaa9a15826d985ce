import { expect } from 'chai';
import { createServiceRef, FeatureLoader, Inject, Injectable, Plugin, Service } from '../../decorators/index.js';
import { override } from '../../lib/testing/override.js';
import { codesIn, onlyProblemIn, problemsIn } from './plan-problems.js';

const a = createServiceRef<object>({ id: 'acme.a' });
const b = createServiceRef<object>({ id: 'acme.b' });

@Service({ implements: a })
class NeedsB {
  constructor(@Inject(b) readonly b: object) {}
}

@Service({ implements: b })
class NeedsA {
  constructor(@Inject(a) readonly a: object) {}
}

@Service({ implements: a })
class Harmless {}

@Service({ wraps: a })
class WrapperThatNeedsB {
  constructor(
    readonly inner: object,
    @Inject(b) readonly b: object,
  ) {}
}

@Service({ wraps: a })
class WrapperThatNeedsItself {
  constructor(
    readonly inner: object,
    @Inject(a) readonly a: object,
  ) {}
}

@Plugin({ pluginId: 'user' })
class User {
  constructor(@Inject(a) readonly a: object) {}
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
    expect(await codesIn([NeedsB, NeedsA], { overrides: [override(a).withClass(Harmless)] })).to.deep.equal([]);
  });

  it('through a test override is found', async () => {
    const overrides = [override(a).withFactory(inner => ({ inner }), [b])];

    expect(await codesIn([Harmless, NeedsA], { overrides })).to.deep.equal(['DEPENDENCY_CYCLE']);
  });

  it('through a default is found', async () => {
    const c = createServiceRef<object>({ id: 'acme.c', default: () => DefaultC });
    @Service({ implements: c })
    class DefaultC {
      constructor(@Inject(a) readonly a: object) {}
    }
    @Service({ implements: a })
    class NeedsC {
      constructor(@Inject(c) readonly c: object) {}
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
    @Service({ implements: a })
    class NeedsItself {
      constructor(@Inject(a) readonly a: object) {}
    }
    @Service({ wraps: a })
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

    expect((await onlyProblemIn([Self])).message).to.contain("class Helper -> plugin 'self' -> class Helper");
  });

  it('is told with every other one', async () => {
    const c = createServiceRef<object>({ id: 'acme.c' });
    @Service({ implements: c })
    class NeedsItself {
      constructor(@Inject(c) readonly c: object) {}
    }

    const problems = await problemsIn([NeedsB, NeedsA, NeedsItself]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['DEPENDENCY_CYCLE', 'DEPENDENCY_CYCLE']);
  });

  it('of a loader is found, and not waited for', async () => {
    const root = createServiceRef<object>({ id: 'acme.root', scope: 'root' });
    @Service({ implements: root })
    class NeedsItself {
      constructor(@Inject(root) readonly root: object) {}
    }
    @FeatureLoader()
    class Loader {
      constructor(@Inject(root) readonly root: object) {}

      load(): unknown {
        return [];
      }
    }

    const problems = await problemsIn([NeedsItself, Loader]);

    expect(problems.map(({ path }) => path[0])).to.include('in features[1] → loader Loader');
    expect(new Set(problems.map(({ code }) => code))).to.deep.equal(new Set(['DEPENDENCY_CYCLE']));
  });
});
