const minute = 60_000;

/** A computation that is under way. */
export interface Flight {
  /** The entry was changed meanwhile: what is computed is for those who wait, and is not kept. */
  isOutdated: boolean;
}

interface Running extends Flight {
  readonly text: Promise<string>;
  readonly since: number;
  isOverdue: boolean;
  /** What those get who wait for it; made for the first of them. */
  shared?: Promise<string | undefined>;
  timer?: NodeJS.Timeout;
}

/** The computations of one plugin that are under way, by key: one for all who ask meanwhile. */
export class Flights {
  readonly #running = new Map<string, Running>();
  readonly #longest: number;

  /** After `longest` ms nobody else waits for a computation any more: one that never ends must not keep others for ever. */
  constructor(longest = minute) {
    this.#longest = longest;
  }

  /**
   * What the computation of this key will give, where there is one; `undefined` once it has taken too long, or whoever had
   * begun it was not interested any more: whoever still waits may find another one, or begin it.
   */
  find(key: string): Promise<string | undefined> | undefined {
    const running = this.#running.get(key);
    if (!running || running.isOverdue) return undefined;
    const left = this.#longest - (performance.now() - running.since);
    return left > 0 ? (running.shared ??= share(running, left)) : undefined;
  }

  start(key: string, compute: (flight: Flight) => Promise<string>): Promise<string> {
    const flight: Flight = { isOutdated: false };
    const landed = () => {
      clearTimeout(running.timer);
      if (this.#running.get(key) === running) this.#running.delete(key);
    };
    const text = compute(flight).finally(landed);
    const running: Running = Object.assign(flight, { text, since: performance.now(), isOverdue: false });
    this.outdate(key);
    this.#running.set(key, running);
    return text;
  }

  /** The entry has been changed by somebody. */
  outdate(key: string): void {
    const running = this.#running.get(key);
    if (!running) return;
    running.isOutdated = true;
    this.#running.delete(key);
  }

  outdateAll(): void {
    for (const key of this.#running.keys()) this.outdate(key);
  }
}

async function share(running: Running, left: number): Promise<string | undefined> {
  const overdue = new Promise<undefined>(resolve => {
    const giveUp = () => {
      running.isOverdue = true;
      resolve(undefined);
    };
    running.timer = setTimeout(giveUp, left).unref();
  });
  try {
    return await Promise.race([running.text, overdue]);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return undefined;
    throw error;
  }
}
