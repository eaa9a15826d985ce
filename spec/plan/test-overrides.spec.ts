import { expect } from 'chai';
import { Controller, createServiceRef, Get, Inject, Injectable, Plugin, Service } from '../../decorators/index.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { override } from '../../lib/testing/override.js';
import { codesIn, onlyProblemIn } from './plan-problems.js';

const ref = createServiceRef<object>({ id: 'acme.thing', scope: 'root' });

@Injectable()
class Store {}

@Controller()
class Routes {
  @Get('/')
  index(): string {
    return 'index';
  }
}

@Plugin({ pluginId: 'a', controllers: [Routes] })
class A {
  constructor(readonly store: Store) {}
}

@Plugin({ pluginId: 'b' })
class B {}

@Service({ implements: ref })
class Thing {}

@Plugin({ pluginId: 'c' })
class C {
  constructor(@Inject(ref) readonly thing: object) {}
}

describe('An override', () => {
  it('replaces services, private classes and what is listed', async () => {
    const overrides = [
      override(LoggerService).withValue(mockServices.logger()),
      override(Store).withValue({}),
      override(Routes).withClass(Routes),
      override(ref).withFactory(logger => ({ logger }), [LoggerService]),
    ];

    expect(await codesIn([A, Thing], { overrides: overrides.slice(0, 3) })).to.deep.equal([]);
    expect(
      await codesIn([A, C], { overrides: overrides.slice(0, 3).concat(override(ref).withValue({})) }),
    ).to.deep.equal([]);
    expect(await codesIn([A, C], { overrides })).to.deep.equal(['ROOT_NEEDS_PLUGIN_SERVICE']);
  });

  it('of what nobody needs is a problem', async () => {
    expect(await codesIn([B], { overrides: [override(Store).withValue({})] })).to.deep.equal(['UNUSED_OVERRIDE']);
    expect(await codesIn([B], { overrides: [override(ref).withValue({})] })).to.deep.equal(['UNUSED_OVERRIDE']);
    expect(await codesIn([B], { overrides: [override(class {}).withValue({})] })).to.deep.equal(['UNUSED_OVERRIDE']);
  });

  it('of what somebody implements is none, although nobody needs it', async () => {
    expect(await codesIn([Thing], { overrides: [override(ref).withValue({})] })).to.deep.equal([]);
  });

  it('for a plugin that is not there, or that does not need it, is a problem', async () => {
    const forPlugin = (pluginId: string) => ({ overrides: [override(Store).withValue({}).for({ pluginId })] });

    expect(await codesIn([A, B], forPlugin('a'))).to.deep.equal([]);
    expect(await codesIn([A, B], forPlugin('b'))).to.deep.equal(['UNUSED_OVERRIDE']);
    expect(await codesIn([A, B], forPlugin('x'))).to.deep.equal(['UNUSED_OVERRIDE']);
  });

  it('of one thing twice is a problem that names both lines', async () => {
    const twice = [override(Store).withValue({}), override(Store).withValue({})];
    const serviceTwice = [override(LoggerService).withClass(Quiet), override(LoggerService).withClass(Quiet)];

    for (const overrides of [twice, serviceTwice]) {
      const { code, path } = await onlyProblemIn([A], { overrides });

      expect(code).to.equal('DUPLICATE_IMPLEMENTATION');
      for (const step of path) expect(step).to.match(/override\(\) \(spec\/plan\/test-overrides\.spec\.ts:\d+:\d+\)$/);
    }
  });

  it('for all and one for a plugin go together', async () => {
    const overrides = [override(Store).withValue({}), override(Store).withValue({}).for({ pluginId: 'a' })];

    expect(await codesIn([A], { overrides })).to.deep.equal([]);
  });
});

class Quiet extends LoggerService {
  error(): void {}
  warn(): void {}
  info(): void {}
  debug(): void {}
  child(): this {
    return this;
  }
}
