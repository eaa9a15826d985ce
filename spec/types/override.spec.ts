import { expect } from 'chai';
import { createServiceRef, Inject, Service } from '../../decorators/index.js';
import { override } from '../../lib/testing/override.js';

@Service({ id: 'acme.clock', scope: 'root' })
abstract class Clock {
  abstract now(): Date;
}
class FixedClock extends Clock {
  override now(): Date {
    return new Date(0);
  }
}
class DerivedClock extends Clock {
  constructor(@Inject(Clock) private readonly other: Clock) {
    super();
  }
  override now(): Date {
    return this.other.now();
  }
}

interface Counter {
  next(): number;
}
const counterRef = createServiceRef<Counter>({ id: 'acme.counter' });

describe('the types of override()', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    const value = new FixedClock();

    const overrides = [
      override(Clock).withValue(value),
      override(Clock).withValue({ now: () => new Date(1) }),
      override(Clock).withClass(FixedClock),
      override(Clock).withClass(DerivedClock).for({ pluginId: 'billing' }),
      override(counterRef).withValue({ next: () => 1 }),
      override(Clock).withFactory(() => value),
      override(Clock).withFactory(async () => value),
      override(Clock).withFactory(counter => new ClockAt(counter.next()), [counterRef]),
      override(counterRef).withFactory(
        (clock, counter) => ({ next: () => clock.now().getTime() + counter.next() }),
        [Clock, counterRef],
      ),
    ];

    expect(overrides.map(({ recipe }) => recipe.by)).to.deep.equal([
      'value',
      'value',
      'constructor',
      'constructor',
      'value',
      'factory',
      'factory',
      'factory',
      'factory',
    ]);
  });

  it('refuse a value that does not fit', () => {
    // @ts-expect-error -- a Date has no now()
    const date = override(Clock).withValue(new Date());
    // @ts-expect-error -- a class is no instance
    const target = override(Clock).withValue(FixedClock);
    // @ts-expect-error -- next() gives a number
    const words = override(counterRef).withValue({ next: () => 'one' });

    expect([date, target, words].map(({ recipe }) => recipe.by)).to.deep.equal(Array(3).fill('value'));
  });

  it('refuse a class that does not fit or cannot be constructed', () => {
    // @ts-expect-error -- a Date has no now()
    const date = override(Clock).withClass(Date);
    // @ts-expect-error -- nobody can construct it
    const abstract = override(Clock).withClass(Clock);
    // @ts-expect-error -- an instance is no class
    const instance = override(Clock).withClass(new FixedClock());

    expect([date, abstract, instance].map(({ recipe }) => recipe.by)).to.deep.equal(Array(3).fill('constructor'));
  });

  it('refuse a factory with another result', () => {
    // @ts-expect-error -- what it makes is no Clock
    const date = override(Clock).withFactory(() => new Date());
    // @ts-expect-error -- what it promises is no Clock
    const promised = override(Clock).withFactory(async () => new Date());

    expect([date, promised].map(({ recipe }) => recipe.by)).to.deep.equal(['factory', 'factory']);
  });

  it('refuse a factory whose parameters are not what it is given', () => {
    // @ts-expect-error -- it wants a Clock and is given a Counter
    const swapped = override(Clock).withFactory((clock: Clock) => clock, [counterRef]);
    // @ts-expect-error -- it wants a Clock and is given nothing
    const forgotten = override(Clock).withFactory((clock: Clock) => clock);
    // @ts-expect-error -- it wants two and is given one
    const greedy = override(Clock).withFactory((_counter: Counter, clock: Clock) => clock, [counterRef]);
    // @ts-expect-error -- an id is no token
    const named = override(Clock).withFactory(() => new FixedClock(), ['acme.counter']);

    expect([swapped, forgotten, greedy, named].map(({ recipe }) => recipe.by)).to.deep.equal(Array(4).fill('factory'));
  });

  it('refuse a place other than a plugin', () => {
    // @ts-expect-error -- a module has no services of its own
    const scoped = override(Clock).withClass(FixedClock).for({ moduleId: 'github' });

    expect(scoped.recipe.by).to.equal('constructor');
  });
});

class ClockAt extends FixedClock {
  constructor(readonly time: number) {
    super();
  }
}
