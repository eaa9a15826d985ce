import { expect } from 'chai';
import { createExtensionPoint, createServiceRef, Inject, Service } from '../../decorators/index.js';
import { roleOf } from './role-of.js';

@Service({ id: 'acme.clock', scope: 'root' })
abstract class Clock {
  abstract now(): Date;
}

@Service({ id: 'acme.mailer', scope: 'plugin' })
abstract class Mailer {
  abstract send(text: string): Promise<void>;
}

interface Counter {
  next(): number;
}
const counterRef = createServiceRef<Counter>({ id: 'acme.counter' });
const counterPoint = createExtensionPoint<Counter>({ pluginId: 'acme', id: 'counter' });

describe('the types of @Service', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Service({ implements: Clock, eager: false, plugins: ['billing'], retry: { attempts: 2, delay: 10 } })
    class SystemClock extends Clock {
      override now(): Date {
        return new Date(0);
      }
    }

    expect([roleOf(Clock), roleOf(SystemClock)]).to.deep.equal(['service', 'implementation']);
    expect(new SystemClock().now()).to.deep.equal(new Date(0));
  });

  describe('of a declaration', () => {
    it('take a class or the promise of its module as default', () => {
      @Service({ id: 'acme.here', scope: 'root', default: () => Here })
      abstract class Place {}
      @Service({ implements: Place })
      class Here extends Place {}

      @Service({ id: 'acme.there', scope: 'root', default: () => import('./role-of.js') })
      class There {}

      expect([Place, Here, There].map(roleOf)).to.deep.equal(['service', 'implementation', 'service']);
    });

    it('refuse what is neither a class nor a promise as default', () => {
      // @ts-expect-error -- an instance is no default: nothing may be constructed before the plan is checked
      @Service({ id: 'acme.instance', scope: 'root', default: () => 'now' })
      class Instance {}

      // @ts-expect-error -- a function gives the default, so that nothing is loaded before it is needed
      @Service({ id: 'acme.direct', scope: 'root', default: Instance })
      class Direct {}

      expect([Instance, Direct].map(roleOf)).to.deep.equal(['service', 'service']);
    });

    it('refuse other scopes than root and plugin', () => {
      // @ts-expect-error -- there is no scope 'singleton'
      @Service({ id: 'acme.global', scope: 'singleton' })
      class Global {}

      // @ts-expect-error -- the scope must be said
      @Service({ id: 'acme.nowhere' })
      class Nowhere {}

      expect([Global, Nowhere].map(roleOf)).to.deep.equal(['service', 'service']);
    });

    it('refuse a missing id, an unknown option, and two meanings at once', () => {
      // @ts-expect-error -- a declaration has an id
      @Service({ scope: 'root' })
      class Nameless {}

      // @ts-expect-error -- there is no option 'lazy'
      @Service({ id: 'acme.lazy', scope: 'root', lazy: true })
      class Lazy {}

      // @ts-expect-error -- an implementation has the scope of what it implements
      @Service({ implements: Clock, scope: 'root' })
      class Scoped extends Clock {
        override now(): Date {
          return new Date();
        }
      }

      expect([Nameless, Lazy, Scoped].map(roleOf)).to.deep.equal(['service', 'service', 'implementation']);
    });
  });

  describe('of an implementation', () => {
    it('take a class that fits without extending the token', () => {
      @Service({ implements: counterRef })
      class OneByOne implements Counter {
        next(): number {
          return 1;
        }
      }

      expect(roleOf(OneByOne)).to.equal('implementation');
    });

    it('refuse a class that does not fit', () => {
      // @ts-expect-error -- there is no now()
      @Service({ implements: Clock })
      class Silent {}

      // @ts-expect-error -- now() gives something else
      @Service({ implements: Clock })
      class Textual {
        now(): string {
          return 'noon';
        }
      }

      // @ts-expect-error -- next() gives something else
      @Service({ implements: counterRef })
      class Words {
        next(): string {
          return 'one';
        }
      }

      expect([Silent, Textual, Words].map(roleOf)).to.deep.equal(Array(3).fill('implementation'));
    });

    it('refuse an abstract class', () => {
      // @ts-expect-error -- nobody can construct it
      @Service({ implements: Clock })
      abstract class Unfinished extends Clock {}

      expect(roleOf(Unfinished)).to.equal('implementation');
    });

    it('refuse an extension point', () => {
      // @ts-expect-error -- @ExtensionPoint implements extension points
      @Service({ implements: counterPoint })
      class OneByOne implements Counter {
        next(): number {
          return 1;
        }
      }

      expect(roleOf(OneByOne)).to.equal('implementation');
    });
  });

  describe('of { create }', () => {
    it('take a static create() that receives the instances, and a private constructor', () => {
      @Service({ implements: Mailer, create: [Clock, counterRef] })
      class SmtpMailer extends Mailer {
        private constructor(readonly startedAt: Date) {
          super();
        }
        static async create(clock: Clock, counter: Counter): Promise<SmtpMailer> {
          counter.next();
          return new SmtpMailer(clock.now());
        }
        override async send(): Promise<void> {}
      }

      @Service({ id: 'acme.pool', scope: 'root', create: [Clock] })
      class Pool {
        private constructor(readonly since: Date) {}
        static create(clock: Clock): Pool {
          return new Pool(clock.now());
        }
      }

      @Service({ implements: Mailer, create: [] })
      class NullMailer extends Mailer {
        static create(): Mailer {
          return new NullMailer();
        }
        override async send(): Promise<void> {}
      }

      expect([SmtpMailer, Pool, NullMailer].map(roleOf)).to.deep.equal(['implementation', 'service', 'implementation']);
    });

    it('refuse a create() with other parameters', () => {
      // @ts-expect-error -- create() wants a Mailer and is given a Clock
      @Service({ implements: Mailer, create: [Clock] })
      class Confused extends Mailer {
        static create(_mailer: Mailer): Confused {
          return new Confused();
        }
        override async send(): Promise<void> {}
      }

      // @ts-expect-error -- create() wants two and is given one
      @Service({ implements: Mailer, create: [Clock] })
      class Greedy extends Mailer {
        static create(_clock: Clock, _mailer: Mailer): Greedy {
          return new Greedy();
        }
        override async send(): Promise<void> {}
      }

      // @ts-expect-error -- create() wants more than a Clock can do
      @Service({ implements: Mailer, create: [Clock] })
      class Demanding extends Mailer {
        static create(_clock: Clock & { stop(): void }): Demanding {
          return new Demanding();
        }
        override async send(): Promise<void> {}
      }

      // @ts-expect-error -- of a declaration alike
      @Service({ id: 'acme.pool', scope: 'root', create: [Clock] })
      class Pool {
        static create(_mailer: Mailer): Pool {
          return new Pool();
        }
      }

      const implementations = [Confused, Greedy, Demanding].map(roleOf);
      expect([...implementations, roleOf(Pool)]).to.deep.equal([...Array(3).fill('implementation'), 'service']);
    });

    it('refuse a create() with another result, and none at all', () => {
      // @ts-expect-error -- what create() gives is no Mailer
      @Service({ implements: Mailer, create: [] })
      class Elsewhere extends Mailer {
        static create(): Date {
          return new Date();
        }
        override async send(): Promise<void> {}
      }

      // @ts-expect-error -- what create() gives is no Pool
      @Service({ id: 'acme.pool', scope: 'root', create: [] })
      class Pool {
        readonly size = 1;
        static create(): Date {
          return new Date();
        }
      }

      // @ts-expect-error -- there is no create()
      @Service({ implements: Mailer, create: [] })
      class Uncreated extends Mailer {
        override async send(): Promise<void> {}
      }

      expect([Elsewhere, Pool, Uncreated].map(roleOf)).to.deep.equal(['implementation', 'service', 'implementation']);
    });
  });

  describe('of a wrapper', () => {
    it('take a class whose first parameter takes what it wraps', () => {
      @Service({ wraps: Clock, plugins: ['billing'] })
      class SlowClock implements Clock {
        constructor(
          private readonly inner: Clock,
          @Inject(counterRef) private readonly counter: Counter,
        ) {}
        now(): Date {
          return new Date(this.inner.now().getTime() - this.counter.next());
        }
      }

      const slow = new SlowClock({ now: () => new Date(10) }, { next: () => 4 });
      expect([roleOf(SlowClock), slow.now().getTime()]).to.deep.equal(['wrapper', 6]);
    });

    it('refuse a class whose first parameter does not take what it wraps', () => {
      // @ts-expect-error -- the first parameter is another service
      @Service({ wraps: Clock })
      class Swapped implements Clock {
        constructor(
          readonly mailer: Mailer,
          readonly inner: Clock,
        ) {}
        now(): Date {
          return this.inner.now();
        }
      }

      // @ts-expect-error -- the first parameter wants more than a Clock can do
      @Service({ wraps: Clock })
      class Demanding implements Clock {
        constructor(readonly inner: Clock & { stop(): void }) {}
        now(): Date {
          return this.inner.now();
        }
      }

      // @ts-expect-error -- a class that takes nothing wraps nothing
      @Service({ wraps: Clock })
      class Deaf implements Clock {
        now(): Date {
          return new Date();
        }
      }

      expect([Swapped, Demanding, Deaf].map(roleOf)).to.deep.equal(Array(3).fill('wrapper'));
    });

    it('refuse a class that does not fit, and options of an implementation', () => {
      // @ts-expect-error -- there is no now()
      @Service({ wraps: Clock })
      class Silent {
        constructor(readonly inner: Clock) {}
      }

      // @ts-expect-error -- it is made when what it wraps is made
      @Service({ wraps: Clock, eager: true })
      class Eager implements Clock {
        constructor(readonly inner: Clock) {}
        now(): Date {
          return this.inner.now();
        }
      }

      expect([Silent, Eager].map(roleOf)).to.deep.equal(['wrapper', 'wrapper']);
    });
  });
});
