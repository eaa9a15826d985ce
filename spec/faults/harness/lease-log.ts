import type { ChildBackend } from './child-backend.js';
import { until } from './until.js';

/** A run of a task, as its process has told of it; times are in ms, on the clock of the machine that nobody sets. */
export interface ToldRun {
  readonly child: ChildBackend;
  readonly fence: number;
  readonly at: number;
}

/** What the runs of one task say in several processes, and whether that fits together. */
export class LeaseLog {
  readonly #children: ChildBackend[] = [];
  readonly #killed = new Map<ChildBackend, number>();

  follow(child: ChildBackend): void {
    this.#children.push(child);
  }

  /** The end of whatever it was doing. */
  killed(child: ChildBackend, at: number): void {
    this.#killed.set(child, at);
  }

  /** What was said with this word, in the order of time. */
  said(word: string): ToldRun[] {
    const all = this.#children.flatMap(child =>
      child.log.all
        .filter(({ message }) => message === word)
        .map(({ fields }) => ({ child, fence: fields['fence'] as number, at: fields['at'] as number })),
    );
    return all.toSorted((one, other) => one.at - other.at);
  }

  fences(): number[] {
    return this.said('START').map(({ fence }) => fence);
  }

  /** The first start that fits, past or to come. */
  async start(fits: (run: ToldRun) => boolean): Promise<ToldRun> {
    await until('a run', () => this.said('START').some(fits));
    return this.said('START').find(fits)!;
  }

  /** The run that goes on. */
  async holder(): Promise<ToldRun> {
    const current = (): ToldRun | undefined => {
      const last = this.said('START').at(-1);
      return last && this.#endOf(last) === Infinity ? last : undefined;
    };
    await until('a run that goes on', () => current() !== undefined);
    return current()!;
  }

  /** Pairs of runs that went on at the same time. */
  overlaps(): [number, number][] {
    const runs = this.said('START');
    return runs.slice(1).flatMap((run, index) => {
      const before = runs[index]!;
      return this.#endOf(before) > run.at ? [[before.fence, run.fence] as [number, number]] : [];
    });
  }

  /** Told to end, it holds no lease any more. */
  #endOf({ child, fence }: ToldRun): number {
    const ends = ['END', 'ABORT'].flatMap(word => this.said(word).filter(run => run.fence === fence));
    return Math.min(this.#killed.get(child) ?? Infinity, ...ends.map(({ at }) => at));
  }
}
