import { expect } from 'chai';
import { annotationsOf } from '../../decorators/annotations.js';
import {
  createExtensionPoint,
  createServiceRef,
  Inject,
  Injectable,
  InjectAll,
  Optional,
  Service,
} from '../../decorators/index.js';

@Service({ id: 'acme.clock', scope: 'root' })
abstract class Clock {
  abstract now(): Date;
}
abstract class StoppableClock extends Clock {
  abstract stop(): void;
}

interface Counter {
  next(): number;
}
const counterRef = createServiceRef<Counter>({ id: 'acme.counter' });
const stoppableRef = createServiceRef<StoppableClock>({ id: 'acme.stoppable-clock', scope: 'root' });
const eitherRef = createServiceRef<Clock | Counter>({ id: 'acme.either' });
const counterPoint = createExtensionPoint<Counter>({ pluginId: 'acme', id: 'counters' });

function parametersOf(target: object): unknown {
  return Object.fromEntries(annotationsOf(target)?.parameters ?? []);
}

describe('the types of @Inject', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Injectable()
    class Everything {
      constructor(
        @Inject(Clock) readonly clock: Clock,
        @Inject(counterRef) readonly counter: Counter,
        @Inject(counterPoint) readonly point: Counter,
        @Inject(stoppableRef) readonly wider: Clock,
        @Inject(eitherRef) readonly either: Clock | Counter,
        @Inject(Clock) readonly maybe?: Clock,
      ) {}
    }

    expect(parametersOf(Everything)).to.deep.equal({
      0: { token: Clock },
      1: { token: counterRef },
      2: { token: counterPoint },
      3: { token: stoppableRef },
      4: { token: eitherRef },
      5: { token: Clock },
    });
  });

  it('refuse a token that does not fit its parameter', () => {
    @Injectable()
    class Confused {
      constructor(
        // @ts-expect-error -- a Clock is no Counter
        @Inject(Clock) readonly counter: Counter,
        // @ts-expect-error -- a Counter is no Clock
        @Inject(counterRef) readonly clock: Clock,
        // @ts-expect-error -- the extension point is no Clock
        @Inject(counterPoint) readonly other: Clock,
        // @ts-expect-error -- a Clock need not be stoppable
        @Inject(Clock) readonly narrower: StoppableClock,
        // @ts-expect-error -- what may be a Counter is not always a Clock
        @Inject(eitherRef) readonly half: Clock,
        // @ts-expect-error -- one is not an array
        @Inject(Clock) readonly many: Clock[],
      ) {}
    }

    expect(Object.keys(parametersOf(Confused) as object)).to.have.length(6);
  });

  it('refuse what is no token', () => {
    @Injectable()
    class Confused {
      constructor(
        // @ts-expect-error -- an id is no token
        @Inject('acme.clock') readonly named: Clock,
        // @ts-expect-error -- an instance is no token
        @Inject(new Date()) readonly date: Date,
      ) {}
    }

    expect(Object.keys(parametersOf(Confused) as object)).to.have.length(2);
  });

  it('refuse to decorate a method or a property', () => {
    class Elsewhere {
      // @ts-expect-error -- only constructors are injected into
      start(@Inject(Clock) clock: Clock): Date {
        return clock.now();
      }
      // @ts-expect-error -- only constructors are injected into
      @Inject(Clock) readonly clock: Clock | undefined;
    }

    expect(parametersOf(Elsewhere)).to.deep.equal({});
  });
});

describe('the types of @InjectAll', () => {
  it('take an array, readonly or not', () => {
    @Injectable()
    class Everything {
      constructor(
        @InjectAll(Clock) readonly clocks: readonly Clock[],
        @InjectAll(counterRef) readonly counters: Counter[],
      ) {}
    }

    expect(parametersOf(Everything)).to.deep.equal({
      0: { token: Clock, all: true },
      1: { token: counterRef, all: true },
    });
  });

  it('refuse a parameter that is no array of it', () => {
    @Injectable()
    class Confused {
      constructor(
        // @ts-expect-error -- a Clock is no array
        @InjectAll(Clock) readonly clock: Clock,
        // @ts-expect-error -- Clocks are no Counters
        @InjectAll(Clock) readonly counters: Counter[],
        // @ts-expect-error -- Counters are no Clocks
        @InjectAll(counterRef) readonly clocks: Clock[],
      ) {}
    }

    expect(Object.keys(parametersOf(Confused) as object)).to.have.length(3);
  });
});

describe('the types of @Optional', () => {
  it('take a parameter that may be undefined', () => {
    @Injectable()
    class Modest {
      constructor(
        @Optional() readonly clock: Clock | undefined,
        @Optional() @Inject(counterRef) readonly counter?: Counter,
      ) {}
    }

    expect(parametersOf(Modest)).to.deep.equal({ 0: { optional: true }, 1: { token: counterRef, optional: true } });
  });

  it('refuse a parameter that must not be undefined', () => {
    @Injectable()
    class Confident {
      constructor(
        // @ts-expect-error -- the class does not expect undefined
        @Optional() readonly clock: Clock,
        // @ts-expect-error -- null is not undefined
        @Optional() @Inject(counterRef) readonly counter: Counter | null,
      ) {}
    }

    expect(Object.keys(parametersOf(Confident) as object)).to.have.length(2);
  });
});
