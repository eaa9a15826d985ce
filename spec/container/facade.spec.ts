import { expect } from 'chai';
import { facadeOf } from '../../lib/container/facade.js';
import { readOnly } from '../../lib/container/read-only.js';

abstract class Counter {
  abstract readonly count: number;
  abstract add(by: number): this;
}

class RealCounter extends Counter {
  #count = 0;
  readonly settings = { step: 1, names: ['a'], nested: { on: true } };
  readonly limits = new Map([['most', 10]]);
  readonly twice = (value: number) => value * 2;
  readonly Entity = class Entity {};
  label = 'first';

  get count(): number {
    return this.#count;
  }

  get self(): this {
    return this;
  }

  add(by: number): this {
    this.#count += by * this.settings.step;
    return this;
  }

  rename(label: string): void {
    this.label = label;
  }

  *[Symbol.iterator](): Iterator<number> {
    yield this.#count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#count = -1;
  }
}

function facade(real = new RealCounter(), guard?: () => void): RealCounter {
  return facadeOf(real, { token: Counter, ...(guard && { guard }) }) as RealCounter;
}

describe('A facade', () => {
  it('runs methods on the instance, which keeps its own state', () => {
    const real = new RealCounter();
    const shown = facade(real);

    shown.add(2);
    real.add(1);

    expect(shown.count).to.equal(3);
    expect([...shown]).to.deep.equal([3]);
  });

  it('reads properties as they are at the time', () => {
    const shown = facade();

    shown.rename('second');

    expect(shown.label).to.equal('second');
  });

  it('is an instance of the token, and does not lead to the class behind it', () => {
    const shown = facade();

    expect(shown).to.be.instanceOf(Counter).and.not.instanceOf(RealCounter);
    expect(shown.constructor).to.equal(Counter);
    expect(Object.getPrototypeOf(shown)).to.equal(Counter.prototype);
  });

  it('of what was asked for by a reference is a plain object', () => {
    const shown = facadeOf(new RealCounter()) as object;

    expect(Object.getPrototypeOf(shown)).to.equal(Object.prototype);
  });

  it('cannot be changed', () => {
    const shown = facade() as unknown as Record<string, unknown>;

    expect(() => (shown['label'] = 'other')).to.throw(TypeError);
    expect(() => (shown['add'] = () => 0)).to.throw(TypeError);
    expect(() => (shown['more'] = 1)).to.throw(TypeError);
    expect(() => delete shown['add']).to.throw(TypeError);
    expect(() => Object.setPrototypeOf(shown, null)).to.throw(TypeError);
    expect(() => Object.defineProperty(shown, 'add', { value: 0 })).to.throw(TypeError);
  });

  it('gives itself where the instance gives itself', () => {
    const shown = facade();

    expect(shown.add(1)).to.equal(shown);
    expect(shown.self).to.equal(shown);
  });

  it('gives itself where the instance promises itself', async () => {
    class Opening {
      get opened(): Promise<this> {
        return this.open();
      }
      async open(): Promise<this> {
        return this;
      }
      async fail(): Promise<never> {
        throw new RangeError('no');
      }
      async read(): Promise<number> {
        return 1;
      }
    }
    const shown = facadeOf(new Opening(), { token: Opening }) as Opening;

    expect(await shown.open()).to.equal(shown);
    expect(await shown.opened).to.equal(shown);
    expect(await shown.read()).to.equal(1);
    expect(await shown.fail().catch((error: unknown) => error)).to.be.instanceOf(RangeError);
  });

  it('lends plain data behind a property for reading only, in all its depth', () => {
    const real = new RealCounter();
    const { settings } = facade(real);

    expect(() => (settings.step = 5)).to.throw(TypeError);
    expect(() => settings.names.push('b')).to.throw(TypeError);
    expect(() => (settings.nested.on = false)).to.throw(TypeError);
    expect(() => Object.assign(settings, { more: 1 })).to.throw(TypeError);
    expect(real.settings).to.deep.equal({ step: 1, names: ['a'], nested: { on: true } });
  });

  it('shows in plain data what the instance does to it later', () => {
    const real = new RealCounter();
    const { settings } = facade(real);

    real.settings.step = 3;
    real.settings.names.push('b');

    expect(settings).to.deep.equal({ step: 3, names: ['a', 'b'], nested: { on: true } });
  });

  it('gives objects of classes, functions and classes as they are', () => {
    const real = new RealCounter();
    const shown = facade(real);

    expect(shown.limits).to.equal(real.limits);
    expect(shown.Entity).to.equal(real.Entity);
    expect(new shown.Entity()).to.be.instanceOf(real.Entity);
    expect(shown.twice(4)).to.equal(8);
  });

  it('has no way to dispose the instance, neither of its own nor inherited', () => {
    abstract class Closing {
      [Symbol.dispose](): void {
        throw new Error('must not run');
      }
    }
    const shown = facadeOf(new (class extends Closing {})(), { token: Closing }) as Partial<Disposable>;

    expect(shown[Symbol.dispose]).to.equal(undefined);
    expect(facade()[Symbol.asyncDispose]).to.equal(undefined);
  });

  it('has the methods that the class had when it was made', () => {
    class Patched extends Counter {
      readonly count = 0;
      add(): this {
        return this;
      }
      value(): string {
        return 'own';
      }
    }
    const shown = facadeOf(new Patched(), { token: Counter }) as Patched;

    Patched.prototype.value = () => 'patched';

    expect(shown.value()).to.equal('own');
  });

  it('has a method that whoever has the instance puts on it', () => {
    const real = new RealCounter();
    const shown = facade(real);

    real.rename = () => void (real.label = 'stubbed');
    shown.rename('other');

    expect(shown.label).to.equal('stubbed');
  });

  it('keeps the names of methods', () => {
    expect(facade().add.name).to.equal('add');
  });

  it('runs the guard before each call, with what it throws', () => {
    const shown = facade(undefined, () => {
      throw new Error('closed');
    });

    expect(() => shown.add(1)).to.throw('closed');
    expect(() => shown.twice(1)).to.throw('closed');
    expect(shown.count).to.equal(0);
  });

  it('of an array is a frozen array of facades', () => {
    const [first] = facadeOf([new RealCounter()], { token: Counter }) as [Counter];

    expect(first).to.be.instanceOf(Counter).and.not.instanceOf(RealCounter);
    expect(Object.isFrozen(first)).to.equal(true);
  });

  for (const value of [undefined, null, 0, '', false, () => 1, class {}, Symbol('s')]) {
    it(`of ${typeof value === 'function' ? 'a function' : String(value)} is that itself`, () => {
      expect(facadeOf(value)).to.equal(value);
    });
  }
});

describe('A read-only view', () => {
  it('is the same for the same object', () => {
    const data = { nested: {} };

    expect(readOnly(data)).to.equal(readOnly(data));
    expect((readOnly(data) as typeof data).nested).to.equal((readOnly(data) as typeof data).nested);
  });

  it('can be listed, searched, copied and written as JSON', () => {
    const data = readOnly({ list: [{ a: 1 }, { a: 2 }], none: null }) as { list: { a: number }[]; none: null };

    expect(Object.keys(data)).to.deep.equal(['list', 'none']);
    expect(data.list.find(item => item.a === 2)).to.deep.equal({ a: 2 });
    expect(data.list.includes(data.list[1]!)).to.equal(true);
    expect({ ...data }.list.map(({ a }) => a)).to.deep.equal([1, 2]);
    expect(JSON.stringify(data)).to.equal('{"list":[{"a":1},{"a":2}],"none":null}');
    expect(Array.isArray(data.list)).to.equal(true);
  });

  it('of what is frozen is not in its way', () => {
    const data = Object.freeze({ inner: Object.freeze(['a']), open: Object.freeze({ list: ['a'] }) });
    const view = readOnly(data) as typeof data;

    expect(view.inner[0]).to.equal('a');
    expect(Object.getOwnPropertyDescriptor(view, 'inner')!.value).to.deep.equal(['a']);
    expect(view).to.deep.equal(data);
  });

  it('does not lead to what can be changed by way of a descriptor, an entry or a prototype', () => {
    const data = { nested: { a: 1 } };
    const view = readOnly(data) as typeof data;

    expect(() => (Object.getOwnPropertyDescriptor(view, 'nested')!.value.a = 2)).to.throw(TypeError);
    expect(() => (Object.entries(view)[0]![1].a = 2)).to.throw(TypeError);
    expect(() => Object.setPrototypeOf(view, {})).to.throw(TypeError);
    expect(() => Object.freeze(view)).to.throw(TypeError);
    expect(data).to.deep.equal({ nested: { a: 1 } });
  });
});
