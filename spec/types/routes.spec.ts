import { expect } from 'chai';
import { annotationsOf } from '../../decorators/annotations.js';
import { Controller, Delete, Get, Patch, Post, Put } from '../../decorators/index.js';
import type { PluginContext } from '../../lib/api/http-services.js';

function methodsOf(target: object): string[] {
  return (annotationsOf(target)?.methods ?? []).map(({ decorator, method }) => `@${decorator} ${method}`);
}

describe('the types of @Get, @Post, @Put, @Patch and @Delete', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Controller()
    class Everything {
      @Get('/')
      list(): string[] {
        return [];
      }
      @Get('/:name', { allow: 'unauthenticated' })
      read(ctx: PluginContext): string | undefined {
        return ctx.params['name'];
      }
      @Post('/', { allow: ['user'] })
      async add(ctx: Pick<PluginContext, 'requestId'>): Promise<string> {
        return ctx.requestId;
      }
      @Put('/:name', { allow: ['user', 'service'] })
      replace(): void {}
      @Patch('/:name', { allow: ['user-cookie'] })
      protected change(): void {}
      @Delete('/:name', {})
      remove(_ctx?: PluginContext): void {}
    }

    expect(methodsOf(Everything)).to.have.members([
      '@Get list',
      '@Get read',
      '@Post add',
      '@Put replace',
      '@Patch change',
      '@Delete remove',
    ]);
  });

  it('refuse a wrong allow', () => {
    class Wrong {
      // @ts-expect-error -- everyone is 'unauthenticated'
      @Get('/a', { allow: 'everyone' })
      a(): void {}
      // @ts-expect-error -- callers are a list
      @Get('/b', { allow: 'user' })
      b(): void {}
      // @ts-expect-error -- 'unauthenticated' stands alone
      @Get('/c', { allow: ['user', 'unauthenticated'] })
      c(): void {}
      // @ts-expect-error -- there are no admins
      @Get('/d', { allow: ['admin'] })
      d(): void {}
    }

    expect(methodsOf(Wrong)).to.have.length(4);
  });

  it('refuse a missing path and an unknown option', () => {
    class Wrong {
      // @ts-expect-error -- a route has a path
      @Get()
      a(): void {}
      // @ts-expect-error -- it is called allow
      @Post('/b', { auth: 'none' })
      b(): void {}
    }

    expect(methodsOf(Wrong)).to.have.length(2);
  });

  it('refuse a method that cannot be called with the context', () => {
    class Wrong {
      // @ts-expect-error -- the context is no string
      @Get('/a')
      a(name: string): string {
        return name;
      }
      // @ts-expect-error -- there is no second argument
      @Get('/b')
      b(_ctx: PluginContext, next: () => void): void {
        next();
      }
    }

    expect(methodsOf(Wrong)).to.have.length(2);
  });

  it('refuse a property', () => {
    class Wrong {
      // @ts-expect-error -- a property is not yet there when the class is read
      @Get('/a')
      readonly a = (): string => 'a';
    }

    expect(new Wrong().a()).to.equal('a');
  });

  it('refuse a static method', () => {
    class Wrong {
      // @ts-expect-error -- a static method has no instance
      @Get('/a')
      static a(): string {
        return 'a';
      }
    }

    expect(Wrong.a()).to.equal('a');
  });
});
