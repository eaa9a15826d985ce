const minute = 60_000;

/** A computation that is under way. */
export interface Flight {
  /** The entry was changed meanwhile: what is computed is for those who wait, and is not kept. */
  isOutdated: boolean;
}

interface Running extends Flight {
  readonly text: Promise<string>;
  readonly since: number;
}

/** The computations of one plugin that are under way, by key: one for all who ask meanwhile. */
export class Flights {
  readonly #running = new Map<string, Running>();
  readonly #longest: number;

  /** After `longest` ms others do not wait for a computation any more: one that never ends must not keep them for ever. */
  constructor(longest = minute) {
    this.#longest = longest;
  }

  /** What the computation of this key will give, where there is one. */
  find(key: string): Promise<string> | undefined {
    const running = this.#running.get(key);
    return running && performance.now() - running.since < this.#longest ? running.text : undefined;
  }

  start(key: string, compute: (flight: Flight) => Promise<string>): Promise<string> {
    const flight: Flight = { isOutdated: false };
    const landed = () => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    };
    const text = compute(flight).finally(landed);
    const running = Object.assign(flight, { text, since: performance.now() });
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
