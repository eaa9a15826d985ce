/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

/** What `work` gives, or nothing where that takes longer than `ms`; leaves no timer behind. */
export async function atMost<T>(ms: number, work: Promise<T>): Promise<T | void> {
  const over = new AbortController();
  try {
    return await Promise.race([work, pause(ms, over.signal)]);
  } finally {
    over.abort();
  }
}
