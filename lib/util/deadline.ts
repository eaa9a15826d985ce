/** What `withDeadline` rejects with. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    super(`not done after ${milliseconds} ms`);
    this.milliseconds = milliseconds;
  }
}

/**
 * What `work` gives, or a rejection with `DeadlineExceeded`; the work itself goes on, and its later failure is not an
 * unhandled rejection. The timer keeps the process alive, so that work which waits for nothing is found out as well.
 */
export async function withDeadline<T>(milliseconds: number, work: () => T | PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded(milliseconds)), milliseconds);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
