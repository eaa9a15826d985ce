import { expect } from 'chai';
import { Backend, type BackendOptions, type StartupResult } from '../../lib/index.js';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** What a program may use of a backend. */
const members = ['add', 'plan', 'result', 'start', 'status', 'stop', Symbol.asyncDispose] as const;

describe('the types of Backend', () => {
  it('show a program what it may use, and nothing of the engine', () => {
    const complete: Same<
      keyof Backend,
      'add' | 'plan' | 'result' | 'start' | 'status' | 'stop' | typeof Symbol.asyncDispose
    > = true;
    const statics: Same<keyof typeof Backend, 'prototype' | 'plan' | 'start'> = true;

    expect([complete, statics]).to.deep.equal([true, true]);
  });

  it('are all there is at run time, too', () => {
    const backend = new Backend({ features: [] });
    const prototype = Object.getPrototypeOf(backend) as object;

    expect(Reflect.ownKeys(prototype)).to.have.members(['constructor', ...members]);
    expect(Object.getPrototypeOf(prototype)).to.equal(Object.prototype);
    expect(Reflect.ownKeys(backend)).to.deep.equal([]);
  });

  it('take a backend as a resource, and let features be added one after the other', async () => {
    const options: BackendOptions = { config: { backend: { listen: false, logger: { level: 'none' } } }, mode: 'test' };
    await using backend = new Backend({ ...options, features: [] }).add([]).add([]);

    const result: StartupResult = await backend.start();

    expect(backend.result).to.equal(result);
  });

  it('refuse what only the engine knows', async () => {
    const backend = new Backend({ features: [] });

    // @ts-expect-error -- only who hosts a backend is in a hurry
    await backend.stop({ urgent: true });
  });
});
