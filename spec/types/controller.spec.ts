import { expect } from 'chai';
import { Controller } from '../../decorators/index.js';
import { roleOf } from './role-of.js';

describe('the types of @Controller', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Controller()
    class PlainController {}

    @Controller({ path: '/admin' })
    class AdminController {
      constructor(readonly plain: PlainController) {}
    }

    expect([PlainController, AdminController].map(roleOf)).to.deep.equal(['controller', 'controller']);
  });

  it('refuse an abstract class', () => {
    // @ts-expect-error -- nobody can construct it
    @Controller()
    abstract class AbstractController {}

    expect(roleOf(AbstractController)).to.equal('controller');
  });

  it('refuse an unknown option', () => {
    // @ts-expect-error -- it is called path
    @Controller({ prefix: '/admin' })
    class PrefixedController {}

    // @ts-expect-error -- the path is an option
    @Controller('/admin')
    class DirectController {}

    expect([PrefixedController, DirectController].map(roleOf)).to.deep.equal(['controller', 'controller']);
  });
});
