import { expect } from 'chai';
import { z } from 'zod';
import type { ControllerDemand } from '../../decorators/controller.js';
import type { WithinAllow } from '../../lib/contract/allow.js';
import { annotationsOf } from '../../decorators/annotations.js';
import { Controller, Get, Operation } from '../../decorators/index.js';
import { defineApi, get, post, type RequestOf, type ResponseOf } from '../../lib/contract/index.js';
import type { Call, CallOf, CallOptionsOf, OwnCall } from '../../lib/api/call.js';
import type { ServicePrincipal, UserPrincipal } from '../../lib/api/credentials.js';
import { roleOf } from './role-of.js';

const Entity = z.object({ name: z.string() });
interface Entity {
  readonly name: string;
}

const api = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities/:name', {
      allow: 'unauthenticated',
      params: z.object({ name: z.string() }),
      response: Entity,
    }),
    add: post('/entities', { allow: ['user'], body: Entity, response: Entity }),
    clear: post('/clear'),
    watch: get('/events', { stream: Entity }),
  },
});
type Api = typeof api;

class Complete {
  async read({ params }: RequestOf<Api['read']>, _call: Call): Promise<Entity> {
    return Promise.resolve({ name: params.name });
  }
  add({ body }: RequestOf<Api['add']>, call: CallOf<Api['add']>): Entity {
    return { name: body.name + call.credentials.principal.userEntityRef };
  }
  async clear(): Promise<void> {}
  async *watch(): ResponseOf<Api['watch']> {
    yield await Promise.resolve({ name: 'a' });
  }
}

function operationsOf(target: object): string[] {
  return (annotationsOf(target)?.methods ?? []).map(({ method }) => method);
}

describe('the types of @Controller(api)', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Controller(api)
    class Whole extends Complete {
      @Get('/stats')
      stats(): string {
        return 'stats';
      }
    }

    @Controller(api, { path: '/admin' })
    class Prefixed extends Complete {}

    expect([Whole, Prefixed].map(roleOf)).to.deep.equal(['controller', 'controller']);
  });

  it('refuse a class without one of the operations', () => {
    // @ts-expect-error -- read and watch are missing
    @Controller(api)
    class Missing {
      add = Complete.prototype.add;
      async clear(): Promise<void> {}
    }

    expect(roleOf(Missing)).to.equal('controller');
  });

  it('refuse a handler that takes, or gives, something else', () => {
    // @ts-expect-error -- there is no parameter kind
    @Controller(api)
    class OtherRequest extends Complete {
      override read(request: { readonly params: { readonly name: string; readonly kind: string } }): Promise<Entity> {
        return Promise.resolve(request.params);
      }
    }

    class NoAnswer extends (Complete as new () => Omit<Complete, 'add'>) {
      add(): string {
        return 'added';
      }
    }
    // @ts-expect-error -- a text is no entity
    Controller(api)(NoAnswer);

    // @ts-expect-error -- whoever is nobody may call it, so there may be no user
    @Controller(api)
    class OnlyUsers extends Complete {
      override read(_request: RequestOf<Api['read']>, _call: Call<UserPrincipal>): Promise<Entity> {
        return Promise.resolve({ name: 'a' });
      }
    }

    expect([OtherRequest, OnlyUsers].map(roleOf)).to.deep.equal(['controller', 'controller']);
  });

  it('let a controller narrow who may call, and never widen', () => {
    const open = defineApi({
      pluginId: 'open',
      operations: { a: get('/a', { allow: 'unauthenticated' }), b: get('/b') },
    });

    @Controller(open, { allow: ['service'] })
    class Narrower {
      a(_request: object, call: Call<ServicePrincipal>): void {
        expect(call.credentials.principal.subject).to.be.a('string');
      }
      b(): void {}
    }

    // @ts-expect-error -- b is for users and services
    @Controller(open, { allow: 'unauthenticated' })
    class Wider {
      a(): void {}
      b(): void {}
    }

    expect([Narrower, Wider].map(roleOf)).to.deep.equal(['controller', 'controller']);
  });
});

// oxlint-disable typescript/no-unnecessary-type-parameters -- The compiler compares two functions by what they make of any T.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
// oxlint-enable typescript/no-unnecessary-type-parameters

describe('What the compiler says of a handler that does not fit', () => {
  it('is in its first line what there is to do', () => {
    interface Incomplete extends Pick<Complete, 'read' | 'add'> {
      watch(): void;
    }
    interface OtherTypes extends Omit<Complete, 'read'> {
      read(request: { readonly params: { readonly id: string } }): Promise<Entity>;
    }
    const missing: Same<
      ControllerDemand<Incomplete, Api, undefined>,
      "write a method 'clear': it answers the operation of that name"
    > = true;
    const other: Same<
      ControllerDemand<OtherTypes, Api, undefined>,
      "give the method 'read' the types of its operation: read(request: RequestOf<typeof api.read>, call: Call): Promise<ResponseOf<typeof api.read>>"
    > = true;
    const nothing: Same<ControllerDemand<Complete, Api, undefined>, unknown> = true;
    const within: Same<WithinAllow<readonly ['user'], readonly ('user' | 'service')[]>, readonly ['user']> = true;
    const wider: Same<
      WithinAllow<'unauthenticated', readonly ('user' | 'service')[]>,
      'name nobody whom the operation does not let pass; who that is, its api says'
    > = true;

    expect([missing, other, nothing, within, wider]).to.deep.equal([true, true, true, true, true]);
  });
});

describe('the types of @Operation', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    class Handlers {
      @Operation(api.read)
      anything({ params }: RequestOf<Api['read']>): Entity {
        return { name: params.name };
      }
      @Operation(api.read, { allow: ['service'] })
      narrower({ params }: RequestOf<Api['read']>, call: Call<ServicePrincipal>): Entity {
        return { name: params.name + call.credentials.principal.subject };
      }
      @Operation(api.clear, { allow: ['user'] })
      async clear(_request: RequestOf<Api['clear']>, call: Call<UserPrincipal>): Promise<void> {
        await Promise.resolve(call.credentials.principal.userEntityRef);
      }
      @Operation(api.add, { allow: [] })
      nobody(): Entity {
        return { name: 'a' };
      }
    }

    expect(operationsOf(Handlers)).to.have.members(['anything', 'narrower', 'clear', 'nobody']);
  });

  it('refuse to let more callers pass than the operation', () => {
    class Wider {
      // @ts-expect-error -- only users may add
      @Operation(api.add, { allow: 'unauthenticated' })
      a(): Entity {
        return { name: 'a' };
      }
      // @ts-expect-error -- only users may add
      @Operation(api.add, { allow: ['user', 'service'] })
      b(): Entity {
        return { name: 'b' };
      }
      // @ts-expect-error -- without a word a cookie does not open it
      @Operation(api.clear, { allow: ['user-cookie'] })
      c(): void {}
    }

    expect(operationsOf(Wider)).to.have.length(3);
  });

  it('refuse a method that does not fit', () => {
    class Wrong {
      // @ts-expect-error -- a text is no entity
      @Operation(api.read)
      answer(): string {
        return 'a';
      }
      // @ts-expect-error -- the name is a text
      @Operation(api.read)
      request({ params }: { readonly params: { readonly name: number } }): Entity {
        return { name: String(params.name) };
      }
      // @ts-expect-error -- a plugin may call it as well
      @Operation(api.clear)
      caller(_request: object, _call: Call<UserPrincipal>): void {}
      // @ts-expect-error -- the api has no such operation
      @Operation(api.missing)
      missing(): void {}
    }

    expect(operationsOf(Wrong)).to.have.length(4);
  });
});

describe('the type CallOptionsOf', () => {
  it('is checked by the compiler: a plugin calls as itself only where services may pass', () => {
    const own: OwnCall = { credentials: 'own' };

    const read: CallOptionsOf<Api['read']> = own;
    const clear: CallOptionsOf<Api['clear']> = own;
    // @ts-expect-error -- only users may add
    const add: CallOptionsOf<Api['add']> = own;

    expect([read, clear, add]).to.deep.equal([own, own, own]);
  });
});
