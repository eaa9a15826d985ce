import { LRUCache } from 'lru-cache';
import type { RequestCount, RequestCounts } from './request-counts.js';

/** Of so many clients it is known what they have sent, those that have asked last: whoever makes up addresses fills no memory. */
const mostClients = 100_000;

interface Window {
  requests: number;
  /** On the clock of `performance.now()`. */
  readonly end: number;
}

/** In the memory of this process. */
export class MemoryCounts implements RequestCounts {
  readonly #length: number;
  // By size, since room for a maximum of entries would be taken at once.
  readonly #windows = new LRUCache<string, Window>({ maxSize: mostClients, sizeCalculation: () => 1 });

  /** `length` of a window, in ms. */
  constructor(length: number) {
    this.#length = length;
  }

  /** How many clients are remembered. */
  get clients(): number {
    return this.#windows.size;
  }

  add(client: string): RequestCount {
    const now = performance.now();
    const known = this.#windows.get(client);
    const window = known && now < known.end ? known : { requests: 0, end: now + this.#length };
    if (window !== known) this.#windows.set(client, window);
    window.requests += 1;
    return { requests: window.requests, left: window.end - now, takeBack: () => void (window.requests -= 1) };
  }
}
