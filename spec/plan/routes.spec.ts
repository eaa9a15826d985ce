import { expect } from 'chai';
import { z } from 'zod';
import {
  Controller,
  Get,
  HealthCheck,
  Module,
  Operation,
  Plugin,
  Post,
  type HttpMethod,
} from '../../decorators/index.js';
import { defineApi, get } from '../../lib/contract/index.js';
import { codesIn, onlyProblemIn, planOf } from './plan-problems.js';

const decorators: Partial<Record<HttpMethod, (path: string) => unknown>> = { GET: Get, POST: Post };

/** A plugin with these routes, as `GET /x`, below the path of its controller. */
function pluginWith(routes: readonly string[], prefix?: string): unknown {
  class Routes {}
  for (const [index, route] of routes.entries()) {
    const [method, path] = route.split(' ') as [HttpMethod, string];
    Object.defineProperty(Routes.prototype, `m${index}`, { value: () => route });
    (decorators[method]!(path) as (target: object, method: string) => void)(Routes.prototype, `m${index}`);
  }
  Controller({ ...(prefix !== undefined && { path: prefix }) })(Routes);
  class Owner {}
  Plugin({ pluginId: 'owner', controllers: [Routes] })(Owner);
  return Owner;
}

async function pathsOf(routes: readonly string[], prefix?: string): Promise<unknown[]> {
  const { owners } = await planOf([pluginWith(routes, prefix)]);
  return owners[0]!.methods.map(({ options }) => (options as { path: string }).path);
}

describe('The path of a route', () => {
  for (const path of ['/', '/a', '/a/b', '/:id', '/a/:kind/:name', '/a.b', '/@scope', "/a-_.~!$&'()+,=@"]) {
    it(`may be '${path}'`, async () => {
      expect(await codesIn([pluginWith([`GET ${path}`])])).to.deep.equal([]);
    });
  }

  for (const path of [
    'a',
    '',
    '/a/',
    '//a',
    '/a//b',
    '/*',
    '/:a*',
    '/:a?',
    '/:a(\\d+)',
    '/a b',
    '/./a',
    '/../a',
    '/:',
    '/a:b',
    '/:a/:a',
    '/ä',
    '/%20',
    '/a?b=c',
    '/a#b',
    '/.backplane',
    '/.backplane/x',
  ]) {
    it(`cannot be '${path}'`, async () => {
      const route = `GET ${path.replaceAll(' ', '\u00A0')}`;

      expect(await codesIn([pluginWith([route])])).to.deep.equal(['INVALID_ROUTE']);
    });
  }

  it('may begin like what the framework has for itself', async () => {
    expect(await codesIn([pluginWith(['GET /.backplanes', 'GET /x/.backplane'])])).to.deep.equal([]);
  });

  it('follows that of its controller', async () => {
    expect(await pathsOf(['GET /', 'GET /x'], '/entries')).to.deep.equal(['/entries', '/entries/x']);
    expect(await pathsOf(['GET '], '/entries')).to.deep.equal(['/entries']);
    expect(await pathsOf(['GET /x'], '/')).to.deep.equal(['/x']);
    expect(await codesIn([pluginWith(['GET /x'], 'entries')])).to.deep.equal(['INVALID_ROUTE']);
    expect(await codesIn([pluginWith(['GET /x'], '/entries/')])).to.deep.equal(['INVALID_ROUTE']);
  });
});

describe('The options of a route', () => {
  for (const options of [
    { allow: 'service' },
    { allow: 'user-cookie' },
    { allow: ['users'] },
    { allow: [['user']] },
    { allow: null },
    { alow: ['user'] },
    { timeout: '5s' },
    { timeout: 0 },
    { timeout: 2 ** 31 },
  ]) {
    it(`cannot be ${JSON.stringify(options)}`, async () => {
      @Plugin({ pluginId: 'owner' })
      class Owner {
        @Get('/', options as never)
        list(): number {
          return 1;
        }
      }

      const { code, path, fix } = await onlyProblemIn([Owner]);

      expect(code).to.equal('INVALID_ROUTE');
      expect(path.join(' ')).to.include('@Get Owner.list() (spec/plan/routes.spec.ts:');
      expect(fix).to.match(/^(?:write|did you mean 'allow')/);
    });
  }

  it('of an operation cannot be a policy that is none', async () => {
    const oneApi = defineApi({ pluginId: 'one', operations: { list: get('/', { response: z.string() }) } });
    @Plugin({ pluginId: 'one' })
    class One {
      @Operation(oneApi.list, { allow: 'service' as never })
      list(): string {
        return 'a';
      }
    }

    expect(await codesIn([One])).to.deep.equal(['INVALID_ROUTE']);
  });
});

describe('Routes that answer the same requests', () => {
  for (const [one, other] of [
    ['GET /a', 'GET /a'],
    ['GET /:a', 'GET /:b'],
    ['GET /x/:a/y/:b', 'GET /x/:c/y/:d'],
  ] as const) {
    it(`are told with both places: ${one} and ${other}`, async () => {
      const { code, path } = await onlyProblemIn([pluginWith([one, other])]);

      expect(code).to.equal('COLLIDING_ROUTE');
      expect(path.filter(step => step.includes('spec/plan/routes.spec.ts'))).to.have.length(2);
    });
  }

  for (const [one, other] of [
    ['GET /a', 'POST /a'],
    ['GET /a', 'GET /A'],
    ['GET /a', 'GET /:a'],
    ['GET /:a', 'GET /:a/b'],
  ] as const) {
    it(`are not ${one} and ${other}`, async () => {
      expect(await codesIn([pluginWith([one, other])])).to.deep.equal([]);
    });
  }

  it('are told of a plugin and its module, and of two controllers that inherit one', async () => {
    abstract class Base {
      @Get('/x', { allow: ['user'] })
      read(): string {
        return 'x';
      }
    }
    @Controller()
    class One extends Base {}
    @Controller()
    class Two extends Base {}
    @Plugin({ pluginId: 'a', controllers: [One, Two] })
    class Both {}
    @Plugin({ pluginId: 'a' })
    class A extends Base {}
    @Module({ pluginId: 'a', moduleId: 'm', controllers: [Two] })
    class M {}
    @Plugin({ pluginId: 'b' })
    class B extends Base {}

    expect(await codesIn([Both])).to.deep.equal(['COLLIDING_ROUTE']);
    expect(await codesIn([A, M])).to.deep.equal(['COLLIDING_ROUTE']);
    expect(await codesIn([A, B])).to.deep.equal([]);
  });
});

describe('Health checks of one plugin', () => {
  it('have different ids, by name or as they say', async () => {
    class Base {
      @HealthCheck()
      database(): void {}
    }
    @Plugin({ pluginId: 'a' })
    class A extends Base {}
    @Module({ pluginId: 'a', moduleId: 'm' })
    class M {
      @HealthCheck({ id: 'database' })
      check(): void {}
    }
    @Plugin({ pluginId: 'b' })
    class B extends Base {}

    expect(await codesIn([A, M])).to.deep.equal(['DUPLICATE_HEALTH_CHECK']);
    expect(await codesIn([A, B])).to.deep.equal([]);
  });
});
