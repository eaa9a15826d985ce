import { expect } from 'chai';
import { Injectable } from '../../decorators/index.js';
import { roleOf } from './role-of.js';

describe('the types of @Injectable', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Injectable()
    class Store {
      constructor(readonly name: Date) {}
    }

    expect(roleOf(Store)).to.equal('injectable');
  });

  it('refuse options', () => {
    // @ts-expect-error -- a private class has one instance per owner, and nothing to choose
    @Injectable({ scope: 'root' })
    class Store {}

    expect(roleOf(Store)).to.equal('injectable');
  });

  it('refuse a class that only itself can construct', () => {
    // @ts-expect-error -- the framework calls the constructor
    @Injectable()
    class Store {
      private constructor() {}
      static open(): Store {
        return new Store();
      }
    }

    expect(roleOf(Store)).to.equal('injectable');
  });
});
