/** What `withDeadline` rejects with. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    super(`not done after ${milliseconds} ms`);
    this.milliseconds = milliseconds;
  }
}

interface DeadlineOptions {
  /** Time in which the event loop did not turn counts as well: somebody outside of the process waits. */
  readonly onTheClock?: boolean;
}

/**
 * What `work` gives, or a rejection with `DeadlineExceeded`; the work itself goes on, and its later failure is not an
 * unhandled rejection. The timer keeps the process alive, so that work which waits for nothing is found out as well.
 *
 * Time in which something blocks the event loop hardly counts, since work that waits could not go on either.
 */
export async function withDeadline<T>(
  milliseconds: number,
  work: () => T | PromiseLike<T>,
  { onTheClock = false }: DeadlineOptions = {},
): Promise<T> {
  const deadline = new Deadline(milliseconds, onTheClock ? Infinity : sliceOf(milliseconds));
  try {
    return await Promise.race([work(), deadline.passed]);
  } finally {
    deadline.cancel();
  }
}

/** Coarse enough for a thousand deadlines at the same time to cost nothing. */
function sliceOf(milliseconds: number): number {
  return Math.min(100, Math.max(10, milliseconds / 10));
}

/** Counts its time in slices: of one whose timer is late by more than another, half of its length. */
class Deadline {
  readonly passed: Promise<never>;
  readonly #milliseconds: number;
  readonly #slice: number;
  #timer: NodeJS.Timeout | undefined;
  #pass: (error: DeadlineExceeded) => void = () => {};

  constructor(milliseconds: number, slice: number) {
    this.#milliseconds = milliseconds;
    this.#slice = slice;
    this.passed = new Promise((_resolve, reject) => (this.#pass = reject));
    this.#wait(milliseconds);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #wait(left: number): void {
    const begin = performance.now();
    const step = Math.min(left, this.#slice);
    this.#timer = setTimeout(() => {
      const elapsed = performance.now() - begin;
      const isLate = elapsed > step + this.#slice;
      // After a late one there is always another, in which what was kept from going on can be done.
      const rest = left - (isLate ? step / 2 : elapsed);
      if (rest >= 1) this.#wait(rest);
      else this.#pass(new DeadlineExceeded(this.#milliseconds));
    }, step);
  }
}
