import { expect } from 'chai';
import type { Context, Next } from 'koa';
import { annotationsOf } from '../../decorators/annotations.js';
import { Controller, Get, Use } from '../../decorators/index.js';

async function timed(_ctx: Context, next: Next): Promise<void> {
  await next();
}

describe('the types of @Use', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Controller()
    @Use(timed, (ctx, next) => {
      ctx.state.seen = true;
      return next();
    })
    class Timed {
      @Use(timed)
      @Get('/')
      now(): number {
        return 1;
      }
    }

    const { middleware } = annotationsOf(Timed)!;
    expect([middleware.get(undefined)?.length, middleware.get('now')]).to.deep.equal([2, [timed]]);
  });

  it('refuse what is no middleware', () => {
    // @ts-expect-error -- a path is no middleware
    @Use('/timed', timed)
    class Prefixed {}

    expect(annotationsOf(Prefixed)?.middleware.get(undefined)).to.have.length(2);
  });
});
