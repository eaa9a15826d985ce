import { expect } from 'chai';
import {
  createExtensionPoint,
  createServiceRef,
  Inject,
  Injectable,
  type ExtensionPointRef,
  type InstancesOf,
  type ServiceRef,
} from '../../decorators/index.js';

interface Clock {
  now(): Date;
}
class SystemClock implements Clock {
  now(): Date {
    return new Date();
  }
}

describe('the types of createServiceRef() and createExtensionPoint()', () => {
  it('is checked by the compiler, and the reference is a frozen declaration', () => {
    const ref: ServiceRef<Clock> = createServiceRef<Clock>({
      id: 'acme.clock',
      scope: 'root',
      default: () => SystemClock,
    });
    const point: ExtensionPointRef<Clock> = createExtensionPoint<Clock>({ pluginId: 'acme', id: 'clocks' });

    expect(ref).to.include({ kind: 'service-ref', id: 'acme.clock', scope: 'root' });
    expect(point).to.include({ kind: 'extension-point-ref', pluginId: 'acme', id: 'clocks' });
    expect([ref, point].every(Object.isFrozen)).to.equal(true);
  });

  it('flow to @Inject and to lists of tokens', () => {
    const ref = createServiceRef<Clock>({ id: 'acme.clock' });
    const point = createExtensionPoint<SystemClock>({ pluginId: 'acme', id: 'clocks' });

    @Injectable()
    class Reader {
      constructor(
        @Inject(ref) readonly clock: Clock,
        @Inject(point) readonly wider: Clock,
        // @ts-expect-error -- a Clock is no Date
        @Inject(ref) readonly date: Date,
      ) {}
    }
    const instances: InstancesOf<[typeof ref, typeof Reader]> = [new SystemClock(), new Reader(...clocks())];

    expect(instances[0].now()).to.be.instanceOf(Date);
  });

  it('keep references apart whose types differ', () => {
    const ref = createServiceRef<SystemClock>({ id: 'acme.clock' });

    const wider: ServiceRef<Clock> = ref;
    // @ts-expect-error -- a Clock is no Date
    const other: ServiceRef<Date> = ref;
    // @ts-expect-error -- a service is no extension point
    const point: ExtensionPointRef<Clock> = ref;

    expect([wider, other, point]).to.deep.equal([ref, ref, ref]);
  });

  it('refuse a reference without a type where one is needed', () => {
    const untyped = createServiceRef({ id: 'acme.clock' });

    // @ts-expect-error -- write createServiceRef<Clock>(…)
    const ref: ServiceRef<Clock> = untyped;

    expect(ref).to.equal(untyped);
  });

  it('refuse wrong options', () => {
    // @ts-expect-error -- there is no scope 'singleton'
    const scoped = createServiceRef<Clock>({ id: 'acme.clock', scope: 'singleton' });
    // @ts-expect-error -- a service has an id
    const nameless = createServiceRef<Clock>({ scope: 'root' });
    // @ts-expect-error -- an extension point belongs to a plugin
    const ownerless = createExtensionPoint<Clock>({ id: 'clocks' });
    // @ts-expect-error -- there is no option 'lazy'
    const lazy = createServiceRef<Clock>({ id: 'acme.clock', lazy: true });
    // @ts-expect-error -- the default fits the reference
    const unfit = createServiceRef<Clock>({ id: 'acme.clock', default: () => Date });

    const kinds = [scoped, nameless, ownerless, lazy, unfit].map(({ kind }) => kind);
    expect(kinds.filter(kind => kind === 'service-ref')).to.have.length(4);
  });
});

function clocks(): [Clock, Clock, Date] {
  return [new SystemClock(), new SystemClock(), new Date()];
}
