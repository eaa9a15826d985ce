import { expect } from 'chai';
import { createServiceRef, Inject, Plugin, Service } from '../../decorators/index.js';
import type { Class, Token } from '../../decorators/tokens.js';
import { codesIn, onlyProblemIn, planOf, providersOf } from './plan-problems.js';

@Service({ id: 'acme.named', scope: 'root' })
abstract class Named {
  abstract read(): string;
}

@Service({ id: 'acme.nameless', scope: 'root' })
abstract class WithCode {
  abstract read(): string;

  shout(): string {
    return this.read().toUpperCase();
  }
}

@Service({ id: 'acme.self', scope: 'root' })
class Self {
  read(): string {
    return 'self';
  }
}

@Service({ id: 'acme.empty', scope: 'root' })
class Empty {}

@Service({ id: 'acme.fallback', scope: 'root', default: () => Fallback })
abstract class WithDefault {
  abstract read(): string;
}

@Service({ implements: WithDefault })
class Fallback extends WithDefault {
  read(): string {
    return 'fallback';
  }
}

@Service({ implements: WithDefault })
class Better extends Fallback {}

function pluginThatNeeds(token: unknown): unknown {
  class ThatNeeds {}
  (Inject(token as never) as ParameterDecorator)(ThatNeeds, undefined, 0);
  Plugin({ pluginId: 'needy' })(ThatNeeds);
  return ThatNeeds;
}

describe('A declaration', () => {
  it('that is abstract and empty once compiled implements nothing', async () => {
    expect(await codesIn([pluginThatNeeds(Named)])).to.deep.equal(['MISSING_SERVICE']);
  });

  it('that is a concrete class is its own default', async () => {
    expect(await providersOf('acme.self', [pluginThatNeeds(Self)])).to.deep.equal(['class Self']);
  });

  it('that is a concrete and empty class is, too: its source says so', async () => {
    expect(await providersOf('acme.empty', [pluginThatNeeds(Empty)])).to.deep.equal(['class Empty']);
  });

  it('that is its own default gives way to an implementation, although it is a feature itself', async () => {
    @Service({ implements: Self })
    class BetterSelf extends Self {}

    const features = [Self, BetterSelf, pluginThatNeeds(Self)];

    expect(await codesIn(features)).to.deep.equal([]);
    expect(await providersOf('acme.self', features)).to.deep.equal(['class BetterSelf']);
  });

  it('that is a feature is constructed, needed or not', async () => {
    const { order } = await planOf([Self]);

    expect(order.root).to.include("service 'acme.self' (class Self)");
  });

  it('has its default where nothing else implements it', async () => {
    expect(await providersOf('acme.fallback', [pluginThatNeeds(WithDefault)])).to.deep.equal(['class Fallback']);
    expect(await providersOf('acme.fallback', [pluginThatNeeds(WithDefault), Better])).to.deep.equal(['class Better']);
  });

  it('does not have its default loaded where something else implements it', async () => {
    let loaded = 0;
    const ref = createServiceRef<object>({ id: 'acme.counted', default: () => ((loaded += 1), Promise.resolve({})) });
    @Service({ implements: ref })
    class Counted {}

    await planOf([pluginThatNeeds(ref), Counted]);

    expect(loaded).to.equal(0);
  });

  it('may have its default in a module of its own', async () => {
    const ref = createServiceRef<object>({ id: 'acme.lazy', default: () => Promise.resolve({ other: 1, Lazy }) });
    @Service({ implements: ref })
    class Lazy {}

    expect(await providersOf('acme.lazy', [pluginThatNeeds(ref)])).to.deep.equal(['class Lazy']);
  });

  it('with a default that fails to load is told once, and not as missing', async () => {
    const ref = createServiceRef<object>({
      id: 'acme.failing',
      default: () => Promise.reject(new RangeError('no licence')),
    });

    const { code, cause } = await onlyProblemIn([pluginThatNeeds(ref)]);

    expect(code).to.equal('IMPORT_FAILED');
    expect(cause).to.be.instanceOf(RangeError);
  });

  it('with a default for something else is told once, and not as missing', async () => {
    const ref = createServiceRef<object>({ id: 'acme.wrong', default: () => Fallback });

    expect(await codesIn([pluginThatNeeds(ref)])).to.deep.equal(['INVALID_DEFAULT']);
  });

  it('that calls what nobody defines implements nothing', async () => {
    expect(await codesIn([pluginThatNeeds(WithCode)])).to.deep.equal(['MISSING_SERVICE']);
  });

  it('that calls only what it has, as a field or of its base, is its own default', async () => {
    class Base {
      protected helped(): string {
        return 'helped';
      }
    }
    @Service({ id: 'acme.helped', scope: 'root' })
    class Helped extends Base {
      readonly #own = (): string => 'own';
      private readonly field = (): string => this.#own();

      read(): string {
        return this.helped() + this.field();
      }
    }

    expect(await providersOf('acme.helped', [pluginThatNeeds(Helped)])).to.deep.equal(['class Helped']);
  });

  it('that is empty but extends what is not is its own default', async () => {
    @Service({ id: 'acme.heir', scope: 'root' })
    class Heir extends Self {}

    expect(await providersOf('acme.heir', [pluginThatNeeds(Heir)])).to.deep.equal(['class Heir']);
  });

  const concrete: [what: string, declaring: () => Class][] = [
    [
      'tells in a text what to call',
      () => {
        class Telling {
          read(): string {
            throw new Error("call this.open() first, and don't forget this.close()");
          }
        }
        return Telling;
      },
    ],
    [
      'tells in a comment what to call',
      () => {
        class Commented {
          read(): string {
            // this.open() comes first
            return ''; /* this.close() */
          }
        }
        return Commented;
      },
    ],
    [
      'has something inside that calls what that has itself',
      () => {
        class Making {
          make(): object {
            return new (class {
              read(): string {
                return this.of('it');
              }
              of(name: string): string {
                return name;
              }
            })();
          }
        }
        return Making;
      },
    ],
    [
      'calls what it is given only later',
      () => {
        class Later {
          private now: (() => number) | undefined;
          use(now: () => number): void {
            this.now ??= now;
          }
          read(): number {
            return this.now!();
          }
        }
        return Later;
      },
    ],
    [
      'calls a private method',
      () => {
        class Hidden {
          read(): string {
            return this.#own();
          }
          #own(): string {
            return '';
          }
        }
        return Hidden;
      },
    ],
  ];
  for (const [what, declaring] of concrete) {
    it(`that ${what} is its own default`, async () => {
      const target = declaring();
      Service({ id: 'acme.concrete', scope: 'root' })(target);

      expect(await providersOf('acme.concrete', [pluginThatNeeds(target)])).to.deep.equal([`class ${target.name}`]);
    });
  }

  const abstract: [what: string, declaring: () => Token][] = [
    [
      'calls what nobody defines in a template',
      () => {
        abstract class Shouting {
          abstract read(): string;
          shout(): string {
            return `it's ${this.read()}!`;
          }
        }
        return Shouting;
      },
    ],
    [
      'extends what calls what nobody defines',
      () => {
        abstract class Caller {
          abstract read(): string;
          shout(): string {
            return this.read();
          }
        }
        abstract class Heir extends Caller {
          more(): string {
            return 'more';
          }
        }
        return Heir;
      },
    ],
    [
      'calls what nobody defines with a condition behind it',
      () => {
        abstract class Asking {
          abstract isOpen(): boolean;
          ask(): string {
            if (this.isOpen()) {
              return 'open';
            }
            return 'closed';
          }
        }
        return Asking;
      },
    ],
  ];
  for (const [what, declaring] of abstract) {
    it(`that ${what} implements nothing`, async () => {
      const target = declaring();
      Service({ id: 'acme.abstract', scope: 'root' })(target as never);

      expect(await codesIn([pluginThatNeeds(target)])).to.deep.equal(['MISSING_SERVICE']);
    });
  }
});
