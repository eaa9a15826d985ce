import { expect } from 'chai';
import { Inject, Injectable } from '../../decorators/index.js';
import type { Class } from '../../decorators/tokens.js';
import { ClassReader } from '../../lib/api/class-record.js';

@Injectable()
class Store {}

@Injectable()
class Base {
  constructor(readonly store: Store) {}
}

/** As a compiler that records no parameter types leaves it. */
class Plain {
  constructor(readonly store: Store) {}
}
Inject(Store)(Plain, undefined, 0);
Injectable()(Plain);

const tokensOf = (target: Class) => new ClassReader().read(target).parameters.map(({ token }) => token);

/** Decorated without types, too. */
function injectable(target: Class): Class {
  Injectable()(target);
  return target;
}

/** Heirs that have no constructor of their own, whatever their text looks like. */
const heirs: [what: string, heirOf: (base: Class<{ store: Store }>) => Class][] = [
  ['nothing', base => class extends base {}],
  [
    'fields',
    base =>
      class extends base {
        readonly size = 1;
      },
  ],
  [
    'the constructor that a compiler makes for fields',
    base =>
      class extends base {
        readonly size: number;
        // oxlint-disable-next-line no-useless-constructor -- as TypeScript writes it for older targets
        constructor() {
          // @ts-expect-error -- it passes on what nobody declares
          // oxlint-disable-next-line prefer-rest-params
          super(...arguments);
          this.size = 1;
        }
      },
  ],
  [
    'a comment about one',
    base =>
      class extends base {
        // constructor (store) { super(store); }
        /* constructor() {} */
        read(): string {
          return '';
        }
      },
  ],
  [
    'a text about one',
    base =>
      class extends base {
        read(): string {
          return "the constructor (of it's base), or constructor(x), is used";
        }
      },
  ],
  [
    'a class with one inside',
    base =>
      class extends base {
        make(): object {
          return new (class {
            readonly made: boolean;
            constructor() {
              this.made = true;
            }
          })();
        }
      },
  ],
  [
    'a call of one',
    base =>
      class extends base {
        copy(): object {
          return new (this.constructor as Class<object>)();
        }
      },
  ],
];

describe('What a class without a constructor of its own is given', () => {
  for (const [what, heirOf] of heirs) {
    it(`is what its base is given, where it has ${what}`, () => {
      expect(tokensOf(injectable(heirOf(Base)))).to.deep.equal([Store]);
      expect(tokensOf(injectable(heirOf(Plain)))).to.deep.equal([Store]);
      expect(tokensOf(heirOf(Plain))).to.deep.equal([Store]);
    });
  }

  it('is what the nearest base that has one is given', () => {
    class Middle extends Base {}
    class Heir extends Middle {
      readonly size = 1;
    }

    expect(tokensOf(injectable(Heir))).to.deep.equal([Store]);
  });
});

describe('What a class with a constructor of its own is given', () => {
  it('is nothing where that takes nothing', () => {
    @Injectable()
    class Typed extends Base {
      constructor() {
        super(new Store());
      }
    }
    class Untyped extends Plain {
      constructor() {
        super(new Store());
      }
    }
    class Crowded extends Plain {
      make(): object {
        return class extends Plain {
          readonly size = '{';
        };
      }
      constructor() {
        super(new Store());
      }
    }

    expect([tokensOf(Typed), tokensOf(injectable(Untyped)), tokensOf(injectable(Crowded))]).to.deep.equal([[], [], []]);
  });
});
