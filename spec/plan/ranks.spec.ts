import { expect } from 'chai';
import { createServiceRef, Inject, Plugin, Service } from '../../decorators/index.js';
import { BackendStatusService } from '../../lib/api/backend-status-service.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { override } from '../../lib/testing/override.js';
import { codesIn, onlyProblemIn, planOf, providersOf } from './plan-problems.js';

const ref = createServiceRef<object>({ id: 'acme.thing', scope: 'root', default: () => ByDefault });

@Service({ implements: ref })
class ByDefault {}

@Service({ implements: ref })
class ByFeature {}

@Service({ implements: ref })
class ByFeatureAsWell {}

@Service({ implements: ref })
class ByLoader {}

@Plugin({ pluginId: 'user' })
class User {
  constructor(@Inject(ref) readonly thing: object) {}
}

@Service({ implements: LoggerService })
class OwnLogger extends LoggerService {
  error(): void {}
  warn(): void {}
  info(): void {}
  debug(): void {}
  child(): this {
    return this;
  }
}

@Service({ wraps: LoggerService })
class LoudLogger extends OwnLogger {
  constructor(readonly inner: LoggerService) {
    super();
  }
}

class StatusWrapper {
  constructor(readonly inner: unknown) {}
}
(Service({ wraps: BackendStatusService }) as ClassDecorator)(StatusWrapper);

const allowing = { config: { backend: { overrides: { allow: ['core.logger'] } } } };

describe('The rank of an implementation', () => {
  it('decides: a test before features, these before loaders, these before the default', async () => {
    const byTest = { overrides: [override(ref).withValue({})] };

    expect(await providersOf('acme.thing', [User])).to.deep.equal(['class ByDefault']);
    expect(await providersOf('acme.thing', [User, () => ByLoader])).to.deep.equal(['class ByLoader']);
    expect(await providersOf('acme.thing', [User, () => ByLoader, ByFeature])).to.deep.equal(['class ByFeature']);
    expect(await providersOf('acme.thing', [User, ByFeature], byTest)).to.deep.equal(['override()']);
  });

  it('names in the plan what it stands in front of', async () => {
    const { services } = await planOf([User, () => ByLoader, ByFeature]);

    expect(services.find(({ id }) => id === 'acme.thing')?.overridden).to.deep.equal(['class ByLoader']);
  });

  it('is had by one only: two are told with both places', async () => {
    const { code, path } = await onlyProblemIn([ByFeature, [ByFeatureAsWell]]);

    expect(code).to.equal('DUPLICATE_IMPLEMENTATION');
    expect(path).to.have.length(2);
    expect(path[0]).to.match(/^in class ByFeature, features\[0\] \(spec\/plan\/ranks\.spec\.ts:\d+:2\)$/);
    expect(path[1]).to.match(
      /^-> and in class ByFeatureAsWell, features\[1\]\[0\] \(spec\/plan\/ranks\.spec\.ts:\d+:2\)$/,
    );
  });

  it('is had by one only: three are told at once', async () => {
    @Service({ implements: ref })
    class Third {}

    const { message, path } = await onlyProblemIn([ByFeature, ByFeatureAsWell, Third]);

    expect(message).to.contain('implemented 3 times');
    expect(path).to.have.length(3);
  });

  it('does not matter where a stronger one decides', async () => {
    const byTest = { overrides: [override(ref).withValue({})] };

    expect(await codesIn([User, ByFeature, ByFeatureAsWell], byTest)).to.deep.equal([]);
  });

  it('counts once for a class that is named twice', async () => {
    expect(await codesIn([ByFeature, [ByFeature], () => ByFeature])).to.deep.equal([]);
  });
});

describe('A core service', () => {
  it('is replaced and wrapped by what features name', async () => {
    expect(await codesIn([OwnLogger])).to.deep.equal([]);
    expect(await codesIn([LoudLogger])).to.deep.equal([]);
  });

  it('is not replaced by what a loader brings', async () => {
    expect(await codesIn([() => OwnLogger])).to.deep.equal(['CORE_OVERRIDE_NOT_ALLOWED']);
  });

  it('is not wrapped by what a loader brings, which would come to the same', async () => {
    expect(await codesIn([() => LoudLogger])).to.deep.equal(['CORE_OVERRIDE_NOT_ALLOWED']);
  });

  it('is, where the configuration allows it', async () => {
    expect(await codesIn([() => [OwnLogger, LoudLogger]], allowing)).to.deep.equal([]);
  });

  it('that only the backend can provide is neither replaced nor wrapped, by nobody', async () => {
    expect(await codesIn([StatusWrapper])).to.deep.equal(['NOT_OVERRIDABLE']);
    expect(await codesIn([], { overrides: [override(BackendStatusService).withValue({} as never)] })).to.deep.equal([
      'NOT_OVERRIDABLE',
    ]);
  });
});
