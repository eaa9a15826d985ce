import { expect } from 'chai';
import { z } from 'zod';
import { Controller, Get, Module, Operation, Plugin, Service, Use } from '../../decorators/index.js';
import type { OperationAnnotation } from '../../decorators/operation.js';
import type { AnnotatedMethod } from '../../lib/api/annotated-method.js';
import { OperationsService } from '../../lib/api/wire-service.js';
import { defineApi, get, post } from '../../lib/contract/index.js';
import { override } from '../../lib/testing/override.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { codesIn as allCodesIn, onlyProblemIn as onlyIn, planOf, problemsIn } from './plan-problems.js';

const Name = z.object({ name: z.string() });

const api = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities/:name', { allow: 'unauthenticated', params: Name, response: Name }),
    clear: post('/clear'),
  },
});

/** Stands for what answers operations, of which the plan knows only that it is there. */
@Service({ implements: OperationsService })
class NoOperations extends OperationsService {
  override addMethod(): void {}
}

const codesIn = (features: readonly unknown[]) => allCodesIn([NoOperations, ...features]);
const onlyProblemIn = (features: readonly unknown[]) => onlyIn([NoOperations, ...features]);

/** Handlers of both operations. */
class Handlers {
  read(): { name: string } {
    return { name: 'a' };
  }
  clear(): void {}
}

/** What the operations of these features are handed over as. */
async function handedBy(features: readonly unknown[]): Promise<readonly AnnotatedMethod[]> {
  const methods: AnnotatedMethod[] = [];
  const service = override(OperationsService).withValue({ addMethod: method => void methods.push(method) });
  await using _backend = await TestBackend.start({ features, overrides: [service] });
  return methods;
}

describe('@Controller(api)', () => {
  it('hands over the methods with the names of its operations, and what each is', async () => {
    @Controller(api)
    class Catalog extends Handlers {
      helper(): void {}
    }
    @Plugin({ pluginId: 'catalog', controllers: [Catalog] })
    class CatalogPlugin {}

    const methods = await handedBy([CatalogPlugin]);

    expect(methods.map(({ name, decorator, options }) => ({ name, decorator, options }))).to.deep.equal([
      { name: 'Catalog.read', decorator: 'Controller', options: { operation: api.read } },
      { name: 'Catalog.clear', decorator: 'Controller', options: { operation: api.clear } },
    ]);
    expect(methods[0]!.call()).to.deep.equal({ name: 'a' });
    expect(methods[0]!.place).to.match(/operations\.spec\.ts:\d+/);
  });

  it('is shown in the plan by the names and paths of its operations', async () => {
    @Controller(api, { allow: ['user'] })
    class Catalog extends Handlers {}
    @Plugin({ pluginId: 'catalog', controllers: [Catalog] })
    class CatalogPlugin {}

    const { owners } = await planOf([NoOperations, CatalogPlugin]);

    expect(owners[0]!.methods.map(({ options }) => options)).to.deep.equal([
      { operation: 'read', method: 'GET', path: '/entities/:name', allow: ['user'] },
      { operation: 'clear', method: 'POST', path: '/clear', allow: ['user'] },
    ]);
  });

  it('narrows who may call, for operations and for plain routes that say nothing', async () => {
    const small = defineApi({ pluginId: 'small', operations: { clear: post('/clear') } });
    @Controller(small, { allow: ['user'], path: '/x' })
    class Small {
      clear(): void {}
      @Get('/stats')
      stats(): string {
        return 'stats';
      }
    }
    @Plugin({ pluginId: 'small', controllers: [Small] })
    class SmallPlugin {}

    const { owners } = await planOf([NoOperations, SmallPlugin]);
    const [method] = await handedBy([SmallPlugin]);

    expect(method!.options).to.deep.equal({ operation: small.clear, allow: ['user'] });
    expect(owners[0]!.methods.find(({ decorator }) => decorator === 'Get')?.options).to.deep.include({
      path: '/x/stats',
      allow: ['user'],
    });
  });

  it('lets a method say it again, which then counts', async () => {
    @Controller(api)
    class Catalog extends Handlers {
      @Operation(api.clear, { allow: ['user'] })
      override clear(): void {}
    }
    @Plugin({ pluginId: 'catalog', controllers: [Catalog] })
    class CatalogPlugin {}

    const methods = await handedBy([CatalogPlugin]);

    expect(methods.map(({ options }) => (options as OperationAnnotation).allow)).to.have.deep.members([
      ['user'],
      undefined,
    ]);
  });

  it('without a method for one of its operations is told, as JavaScript may have it', async () => {
    class Half {
      read = Handlers.prototype.read;
      get clear(): never {
        throw new Error('nobody asks before the plan is made');
      }
    }
    Controller(api as never)(Half as never);
    @Plugin({ pluginId: 'catalog', controllers: [Half] })
    class CatalogPlugin {}

    expect(await codesIn([CatalogPlugin])).to.deep.equal(['MISSING_OPERATION', 'MISSING_OPERATION']);
  });

  it('with an api that is not there yet is told', async () => {
    class Early extends Handlers {}
    Controller(undefined as unknown as typeof api)(Early);
    @Plugin({ pluginId: 'catalog', controllers: [Early] })
    class CatalogPlugin {}

    const { code, message } = await onlyProblemIn([CatalogPlugin]);

    expect([code, message]).to.deep.equal([
      'INVALID_OPTION',
      "Option 'api' of @Controller is not an api that defineApi() gave",
    ]);
  });

  it('of an api of another plugin is told once', async () => {
    @Controller(api)
    class Catalog extends Handlers {}
    @Plugin({ pluginId: 'search', controllers: [Catalog] })
    class SearchPlugin {}

    expect(await codesIn([SearchPlugin])).to.deep.equal(['FOREIGN_OPERATION']);
  });

  it('are told where their controller is exported beside the plugin, and nobody names it', async () => {
    @Controller(api)
    class CatalogController extends Handlers {}
    class LargeController extends CatalogController {}
    @Controller()
    class Others {}
    @Plugin({ pluginId: 'catalog' })
    class Forgetful {}
    @Plugin({ pluginId: 'catalog', controllers: [CatalogController] })
    class Listing {}
    Controller(api)(LargeController);
    @Plugin({ pluginId: 'catalog', controllers: [LargeController] })
    class ListingLarge {}
    @Plugin({ pluginId: 'other' })
    class Other {}
    const warningsIn = async (plugin: unknown): Promise<string[]> => {
      const exported = { __esModule: true, plugin, CatalogController, Others };
      const { warnings } = await TestBackend.plan({ features: [NoOperations, () => exported] });
      return warnings.map(({ code, path }) => `${code} ${path[0]!.split(' (')[0]}`);
    };

    expect(await warningsIn(Forgetful)).to.deep.equal(['UNLISTED_CONTROLLER in class CatalogController']);
    expect(await warningsIn(Listing)).to.deep.equal([]);
    expect(await warningsIn(ListingLarge)).to.deep.equal([]);
    expect(await warningsIn(Other)).to.deep.equal([]);
  });
});

describe('Operations of a plugin', () => {
  @Module({ pluginId: 'catalog', moduleId: 'rest' })
  class RestModule {
    @Operation(api.clear)
    clearAll(): void {}
  }
  @Plugin({ pluginId: 'catalog' })
  class ReadingPlugin {
    @Operation(api.read)
    readOne(): { name: string } {
      return { name: 'a' };
    }
  }

  it('may be answered by several classes, its modules among them, by any name', async () => {
    expect(await codesIn([ReadingPlugin, RestModule])).to.deep.equal([]);
    expect((await handedBy([ReadingPlugin, RestModule])).map(({ name, moduleId }) => [name, moduleId])).to.deep.equal([
      ['RestModule.clearAll', 'rest'],
      ['ReadingPlugin.readOne', undefined],
    ]);
  });

  it('are all answered, once one of them is', async () => {
    const { code, message } = await onlyProblemIn([ReadingPlugin]);

    expect([code, message]).to.deep.equal([
      'MISSING_OPERATION',
      "Operation 'clear' of plugin 'catalog' has no handler",
    ]);
  });

  it('may be answered by way of another copy of the api, as a package may bring it along', async () => {
    const copy = defineApi({
      pluginId: 'catalog',
      operations: { read: get('/entities/:name', { params: Name }), clear: post('/clear') },
    });
    @Module({ pluginId: 'catalog', moduleId: 'copied' })
    class CopiedModule {
      @Operation(copy.clear)
      clear(): void {}
    }

    expect(await codesIn([ReadingPlugin, CopiedModule])).to.deep.equal([]);
    expect(await codesIn([ReadingPlugin, RestModule, CopiedModule])).to.deep.equal(['DUPLICATE_OPERATION']);
  });

  it('may be answered by what a test has left out', async () => {
    expect(await codesIn([RestModule])).to.deep.equal([]);
  });

  it('are answered once', async () => {
    @Controller(api)
    class Catalog extends Handlers {}
    @Plugin({ pluginId: 'catalog', controllers: [Catalog] })
    class CatalogPlugin {}

    const { code, path } = await onlyProblemIn([CatalogPlugin, RestModule]);

    expect(code).to.equal('DUPLICATE_OPERATION');
    expect(path.filter(step => step.includes('operations.spec.ts'))).to.have.length(2);
  });

  it('in two owners are told as the controller that they share', async () => {
    @Controller(api)
    class Catalog extends Handlers {}
    @Plugin({ pluginId: 'catalog', controllers: [Catalog] })
    class CatalogPlugin {}
    @Module({ pluginId: 'catalog', moduleId: 'again', controllers: [Catalog] })
    class AgainModule {}

    expect(await codesIn([CatalogPlugin, AgainModule])).to.deep.equal(['DUPLICATE_CONTROLLER']);
  });

  it('are those of two apis as well, of which one may have names of the other', async () => {
    const v2 = defineApi({ pluginId: 'catalog', operations: { read: get('/v2/entities') } });
    @Controller(api)
    class V1 extends Handlers {}
    @Controller(v2)
    class V2 {
      read(): void {}
    }
    @Plugin({ pluginId: 'catalog', controllers: [V1, V2] })
    class CatalogPlugin {}

    expect(await codesIn([CatalogPlugin])).to.deep.equal([]);
  });

  it('have paths that no plain route has, and no other operation', async () => {
    const other = defineApi({ pluginId: 'catalog', operations: { wipe: post('/clear') } });
    @Controller(api)
    class Catalog extends Handlers {
      @Get('/entities/:id')
      byId(): string {
        return 'id';
      }
    }
    @Controller(other)
    class Other {
      wipe(): void {}
    }
    @Plugin({ pluginId: 'catalog', controllers: [Catalog, Other] })
    class CatalogPlugin {}

    expect(await codesIn([CatalogPlugin])).to.deep.equal(['COLLIDING_ROUTE', 'COLLIDING_ROUTE']);
  });

  it('may have middleware, above the method or above its class', async () => {
    @Use((_ctx, next) => next())
    @Controller(api)
    class Guarded extends Handlers {
      @Get('/stats')
      stats(): string {
        return 'stats';
      }
    }
    @Controller(api)
    class HalfGuarded extends Handlers {
      @Use((_ctx, next) => next())
      override clear(): void {}
    }
    @Plugin({ pluginId: 'catalog', controllers: [Guarded] })
    class GuardedPlugin {}
    @Plugin({ pluginId: 'catalog', controllers: [HalfGuarded] })
    class HalfGuardedPlugin {}

    expect(await codesIn([GuardedPlugin])).to.deep.equal([]);
    expect(await codesIn([HalfGuardedPlugin])).to.deep.equal([]);
  });

  for (const [allow, of, widens] of [
    ['unauthenticated', 'read', false],
    [['user-cookie'], 'read', false],
    [[], 'clear', false],
    [['service'], 'clear', false],
    [['user-cookie'], 'clear', true],
    ['unauthenticated', 'clear', true],
  ] as const) {
    it(`are ${widens ? 'never' : 'possibly'} for ${String(allow) || 'nobody'}, where ${of} is`, async () => {
      class Narrowing extends Handlers {}
      const descriptor = Object.getOwnPropertyDescriptor(Handlers.prototype, of)!;
      Object.defineProperty(Narrowing.prototype, of, descriptor);
      (Operation as unknown as (o: unknown, options: object) => (p: object, m: string) => void)(api[of], { allow })(
        Narrowing.prototype,
        of,
      );
      Controller(api)(Narrowing);
      @Plugin({ pluginId: 'catalog', controllers: [Narrowing] })
      class CatalogPlugin {}

      expect(await codesIn([CatalogPlugin])).to.deep.equal(widens ? ['WIDENED_ALLOW'] : []);
    });
  }
});

describe('The schemas of operations', () => {
  it('that nobody can carry are problems of the plan, each with the part that has it', async () => {
    const When = z.object({ when: z.date() });
    const datesApi = defineApi({
      pluginId: 'dates',
      operations: {
        change: post('/change', {
          query: z.object({ by: z.object({ id: z.string() }) }),
          body: When,
          responses: { 200: When, 202: z.object({ id: z.string() }) },
          errors: { too_late: { status: 409, details: When } },
        }),
      },
    });
    @Controller(datesApi)
    class Dates {
      change(): { status: 202; body: { id: string } } {
        return { status: 202, body: { id: 'a' } };
      }
    }
    @Plugin({ pluginId: 'dates', controllers: [Dates] })
    class DatesPlugin {}

    const problems = await problemsIn([DatesPlugin]);

    expect(problems.map(({ code }) => code)).to.deep.equal(Array.from({ length: 4 }, () => 'UNSUPPORTED_SCHEMA'));
    expect(
      problems.map(({ message }) => /^The schema of '(.*)' of operation 'dates.change'/.exec(message)![1]),
    ).to.deep.equal(['query', 'body', 'response 200', "error 'too_late'"]);
  });

  for (const type of ['any', 'String', ['string', 'any'], 1]) {
    it(`that want the type ${JSON.stringify(type)}, which JSON has not, are problems of the plan`, async () => {
      const schema = { schema: z.unknown(), jsonSchema: { type } };
      const thingsApi = defineApi({ pluginId: 'things', operations: { list: get('/', { response: schema }) } });
      @Controller(thingsApi)
      class Things {
        list(): unknown {
          return 'a';
        }
      }
      @Plugin({ pluginId: 'things', controllers: [Things] })
      class ThingsPlugin {}

      const [problem] = await problemsIn([ThingsPlugin]);

      expect(problem).to.include({ code: 'UNSUPPORTED_SCHEMA' });
      expect(problem!.message).to.contain("'response 200' of operation 'things.list'");
    });
  }
});

describe('A plain route of a module', () => {
  @Module({ pluginId: 'catalog', moduleId: 'm' })
  class Silent {
    @Get('/m')
    read(): string {
      return 'm';
    }
  }
  @Plugin({ pluginId: 'catalog' })
  class SilentPlugin {
    @Get('/p')
    read(): string {
      return 'p';
    }
  }

  it('has somebody who says who may call it', async () => {
    expect(await codesIn([SilentPlugin, Silent])).to.deep.equal(['ROUTE_WITHOUT_POLICY']);
  });

  it('is for whom the plugin says, as are those of the plugin; what says it itself is not', async () => {
    @Plugin({ pluginId: 'catalog', allow: ['user'] })
    class SayingPlugin {
      @Get('/p')
      silent(): string {
        return 'p';
      }
      @Get('/q', { allow: 'unauthenticated' })
      saying(): string {
        return 'q';
      }
    }

    const { owners } = await planOf([SayingPlugin, Silent]);

    const allowed = owners.flatMap(({ methods }) =>
      methods.map(({ options }) => (options as { allow: unknown }).allow),
    );
    expect(allowed).to.have.deep.members([['user'], 'unauthenticated', ['user']]);
  });

  it('is for whom its controller says', async () => {
    @Controller({ allow: ['service'] })
    class Routes {
      @Get('/m')
      read(): string {
        return 'm';
      }
    }
    @Module({ pluginId: 'catalog', moduleId: 'm', controllers: [Routes] })
    class WithController {}

    expect(await codesIn([SilentPlugin, WithController])).to.deep.equal([]);
  });

  it('may be for whom a plugin says that a test has left out', async () => {
    expect(await codesIn([Silent])).to.deep.equal([]);
  });

  it('is not for whom a word says that means nobody', async () => {
    @Plugin({ pluginId: 'catalog', allow: 'everybody' as never })
    class WrongPlugin {}

    expect(await codesIn([WrongPlugin])).to.deep.equal(['INVALID_OPTION']);
  });
});
