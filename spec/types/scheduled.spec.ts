import { expect } from 'chai';
import { annotationsOf } from '../../decorators/annotations.js';
import { Scheduled } from '../../decorators/index.js';
import type { TaskRun } from '../../lib/api/scheduler-service.js';

const options = { id: 'work', every: '5m' } as const;

describe('the types of @Scheduled', () => {
  it('are given a signal and a run, and what compiles is recorded', () => {
    class Tasks {
      @Scheduled({ id: 'none', manual: true })
      none(): void {}
      @Scheduled({ id: 'signal', cron: '0 3 * * *', timeZone: 'Europe/Berlin', timeout: { minutes: 5 } })
      async signal(signal: AbortSignal): Promise<number> {
        return Number(signal.aborted);
      }
      @Scheduled({ id: 'both', every: 1_000, scope: 'local', catchUp: 'none' })
      both(_signal: AbortSignal, { fence, dueAt }: TaskRun): string {
        return `${fence.toFixed()} ${dueAt.toISOString()}`;
      }
    }

    expect(annotationsOf(Tasks)?.methods.map(({ method }) => method)).to.deep.equal(['none', 'signal', 'both']);
  });

  it('refuse a method that wants something else, and a property', () => {
    class Tasks {
      // @ts-expect-error -- the signal comes first
      @Scheduled(options)
      a(_run: TaskRun): void {}
      // @ts-expect-error -- a task is given no text
      @Scheduled(options)
      b(_signal: AbortSignal, _text: string): void {}
      // @ts-expect-error -- nor a third thing
      @Scheduled(options)
      c(_signal: AbortSignal, _run: TaskRun, _more: number): void {}
      // @ts-expect-error -- a property is not yet there when the class is read
      @Scheduled(options)
      readonly d = (): void => {};
    }

    expect(annotationsOf(Tasks)?.methods).to.have.length(4);
  });

  it('refuse a static method, a class and a parameter', () => {
    class Tasks {
      // @ts-expect-error -- a task is of an instance
      @Scheduled(options)
      static a(): void {}
      // @ts-expect-error -- a task is no parameter
      b(@Scheduled(options) _signal: AbortSignal): void {}
    }
    // @ts-expect-error -- a task is a method of a class, not the class
    const refused = (): unknown => Scheduled(options)(Tasks);

    expect(refused).to.be.a('function');
  });

  it('refuse wrong options', () => {
    class Tasks {
      // @ts-expect-error -- an id is needed
      @Scheduled({ every: '5m' })
      a(): void {}
      // @ts-expect-error -- it does not say when
      @Scheduled({ id: 'b' })
      b(): void {}
      // @ts-expect-error -- one way to say when is enough
      @Scheduled({ id: 'c', every: '5m', cron: '0 3 * * *' })
      c(): void {}
      // @ts-expect-error -- a time zone is for cron
      @Scheduled({ id: 'd', every: '5m', timeZone: 'UTC' })
      d(): void {}
      // @ts-expect-error -- there is no such unit
      @Scheduled({ id: 'e', every: { fortnights: 1 } })
      e(): void {}
      // @ts-expect-error -- there is no such scope
      @Scheduled({ id: 'f', manual: true, scope: 'everywhere' })
      f(): void {}
    }

    expect(annotationsOf(Tasks)?.methods).to.have.length(6);
  });
});
