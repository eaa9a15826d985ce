import 'reflect-metadata';
import { expect } from 'chai';
import type { Class } from '../../decorators/tokens.js';
import { Get, Inject, Injectable, NotFoundError, Plugin, Service, Use } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';
import { RestartableBackend } from './restartable-backend.js';
import { SecondCopy } from './second-copy.js';

@Injectable()
class Helper {}

@Service({ id: 'acme.other', scope: 'plugin' })
class Other {}

@Plugin({ pluginId: 'victim' })
class Victim {
  constructor(readonly helper: Helper) {}

  @Get('/own', { allow: 'unauthenticated' })
  own(): string {
    return this.helper.constructor.name;
  }

  @Get('/used', { allow: 'unauthenticated' })
  @Use((_ctx, next) => next())
  used(): string {
    return this.helper.constructor.name;
  }

  hidden(): string {
    return 'hidden';
  }
}

function methodOf(target: Class, name: string): TypedPropertyDescriptor<() => unknown> {
  return Object.getOwnPropertyDescriptor(target.prototype, name)!;
}

describe('Decorators applied to a class of another plugin', () => {
  it('I13 after the boot change nothing, also not when the plugin is started again', async () => {
    await using backend = await RestartableBackend.of([Victim]);

    Get('/hidden', { allow: 'unauthenticated' })(Victim.prototype, 'hidden', methodOf(Victim, 'hidden'));
    for (const name of ['own', 'used']) {
      Use(async ctx => void (ctx.body = 'tampered'))(Victim.prototype, name);
    }
    Inject(Other as never)(Victim as never, undefined, 0 as never);
    Reflect.defineMetadata('design:paramtypes', [Other], Victim);
    await backend.restart('victim');

    expect((await backend.request.get('/api/victim/own')).text).to.equal('Helper');
    expect((await backend.request.get('/api/victim/used')).text).to.equal('Helper');
    expect((await backend.request.get('/api/victim/hidden')).status).to.equal(404);
  });

  it('I13 before the boot are a problem that names the class and the decorator', async () => {
    @Plugin({ pluginId: 'early' })
    class Early {
      hidden(): void {}
    }
    await import('./foreign-decoration.fixture.js').then(({ decorate }) => decorate(Early));

    const problems = await startupProblems(TestBackend.start({ features: [Early] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['FOREIGN_DECORATION']);
    expect(problems[0]!.message).to.include('Early').and.include('@Get');
    expect(problems[0]!.path.join()).to.include('foreign-decoration.fixture.ts');
  });
});

describe('A second copy of the framework', () => {
  let copy: SecondCopy;

  before(async () => {
    copy = await SecondCopy.load();
  });

  after(() => copy[Symbol.dispose]());

  async function codesOf(...features: unknown[]): Promise<string[]> {
    const problems = await startupProblems(TestBackend.start({ features }));
    for (const { path } of problems) expect(path.join('\n')).to.include(copy.folder);
    return problems.map(problem => problem.code);
  }

  it('I14 that decorated a plugin is a problem that names both copies', async () => {
    class Foreign {}
    copy.decorators.Plugin({ pluginId: 'foreign' })(Foreign);

    expect(await codesOf(Foreign)).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
  });

  it('I14 that decorated a method of a plugin of this copy is one too, whichever came first', async () => {
    class First {
      mine(): void {}
      theirs(): void {}
    }
    copy.decorators.Get('/theirs')(First.prototype, 'theirs', methodOf(First, 'theirs'));
    Get('/mine')(First.prototype, 'mine', methodOf(First, 'mine'));
    Plugin({ pluginId: 'first' })(First);
    class Second {
      mine(): void {}
      theirs(): void {}
    }
    Get('/mine')(Second.prototype, 'mine', methodOf(Second, 'mine'));
    copy.decorators.Get('/theirs')(Second.prototype, 'theirs', methodOf(Second, 'theirs'));
    Plugin({ pluginId: 'second' })(Second);

    expect(await codesOf(First)).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
    expect(await codesOf(Second)).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
  });

  it('I49 that declared a token is found out where the token is asked for', async () => {
    class ForeignToken {}
    copy.decorators.Service({ id: 'acme.foreign', scope: 'root' })(ForeignToken);
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(@Inject(ForeignToken) readonly token: unknown) {}
    }

    expect(await codesOf(PluginA)).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
  });

  it('I49 that made a reference is found out where the reference is asked for', async () => {
    const ref = copy.decorators.createServiceRef({ id: 'acme.foreign-ref', scope: 'root' });
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(@Inject(ref) readonly token: unknown) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginA] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['TWO_FRAMEWORK_COPIES']);
  });

  it('I49 cannot choose what a caller is told: its errors are 500, and those of this copy are what they say', async () => {
    @Plugin({ pluginId: 'a' })
    class PluginA {
      @Get('/ours', { allow: 'unauthenticated' })
      ours(): never {
        throw new NotFoundError('ours');
      }
      @Get('/theirs', { allow: 'unauthenticated' })
      theirs(): never {
        throw new copy.errors.NotFoundError('theirs');
      }
    }
    await using backend = await TestBackend.start({ features: [PluginA] });

    expect((await backend.request.get('/api/a/ours')).status).to.equal(404);
    expect((await backend.request.get('/api/a/theirs')).status).to.equal(500);
  });

  it('I49 makes services that plugins see as they mean it: the view of a plugin is a brand of all copies', async () => {
    const view = Symbol.for('backplane.plugin-view');
    @Service({ id: 'acme.viewed', scope: 'root' })
    class Viewed {
      readonly seenBy: string = 'everybody';
      [view]({ pluginId }: { pluginId: string }): { seenBy: string } {
        return { seenBy: pluginId };
      }
    }
    @Plugin({ pluginId: 'a' })
    class PluginA {
      constructor(readonly viewed: Viewed) {}
    }
    await using backend = await TestBackend.start({ features: [PluginA] });

    expect(backend.get(PluginA, { pluginId: 'a' }).viewed.seenBy).to.equal('a');
  });
});
