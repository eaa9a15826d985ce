import { expect } from 'chai';
import { annotationsOf } from '../../decorators/annotations.js';
import { HealthCheck } from '../../decorators/index.js';

describe('the types of @HealthCheck', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    class Checks {
      @HealthCheck()
      quick(): void {}
      @HealthCheck({ id: 'database', affectsReadiness: false, timeout: 500 })
      async slow(): Promise<void> {}
    }

    expect(annotationsOf(Checks)?.methods.map(({ method }) => method)).to.deep.equal(['quick', 'slow']);
  });

  it('refuse wrong options', () => {
    class Checks {
      // @ts-expect-error -- it is called id
      @HealthCheck({ name: 'database' })
      a(): void {}
      // @ts-expect-error -- the timeout is in ms
      @HealthCheck({ timeout: '1s' })
      b(): void {}
    }

    expect(annotationsOf(Checks)?.methods).to.have.length(2);
  });

  it('refuse a method that wants something, and a property', () => {
    class Checks {
      // @ts-expect-error -- a check is called without arguments
      @HealthCheck()
      a(name: string): string {
        return name;
      }
      // @ts-expect-error -- a property is not yet there when the class is read
      @HealthCheck()
      readonly b = (): void => {};
    }

    expect(new Checks().a('a')).to.equal('a');
  });
});
