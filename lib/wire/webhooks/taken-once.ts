import { createHash } from 'node:crypto';
import type { CacheService } from '../../api/cache-service.js';

/** As many as are remembered here; the oldest are forgotten. A cache remembers more, and for other instances. */
const capacity = 10_000;

/** What was taken already, by keys of which any one tells it. */
export class TakenOnce {
  readonly #cache: CacheService | undefined;
  readonly #running = new Map<string, Promise<void>>();
  /** Until when, oldest first. */
  readonly #done = new Map<string, number>();

  constructor(cache: CacheService | undefined) {
    this.#cache = cache;
  }

  /**
   * Does the work, unless it was done for one of `keys` in the last `ttl` ms; then it gives `false`. Work that fails was
   * not done. Of two at the same time in this process the second fails or not as the first does.
   */
  async once(keys: readonly string[], ttl: number, work: () => Promise<void>): Promise<boolean> {
    const hashes = keys.map(key => createHash('sha256').update(key).digest('base64url'));
    for (const hash of hashes) {
      const running = this.#running.get(hash);
      if (running) {
        await running;
        return false;
      }
      if (this.#isDone(hash)) return false;
    }
    const done = this.#unlessCached(hashes, ttl, work);
    const ended = done.then(() => {});
    // Whoever waits for it is told; nobody need wait.
    ended.catch(() => {});
    for (const hash of hashes) this.#running.set(hash, ended);
    try {
      return await done;
    } finally {
      for (const hash of hashes) this.#running.delete(hash);
    }
  }

  async #unlessCached(hashes: readonly string[], ttl: number, work: () => Promise<void>): Promise<boolean> {
    const cache = this.#cache;
    const found = cache ? await Promise.all(hashes.map(hash => cache.get(cacheKey(hash)))) : [];
    const isNew = found.every(value => value === undefined);
    if (isNew) await work();
    for (const hash of hashes) this.#remember(hash, Date.now() + ttl);
    if (cache && isNew) await Promise.all(hashes.map(hash => cache.set(cacheKey(hash), 1, { ttl })));
    return isNew;
  }

  #isDone(hash: string): boolean {
    const until = this.#done.get(hash);
    if (until === undefined || until >= Date.now()) return until !== undefined;
    this.#done.delete(hash);
    return false;
  }

  #remember(hash: string, until: number): void {
    this.#done.delete(hash);
    this.#done.set(hash, until);
    for (const oldest of this.#done.keys()) {
      if (this.#done.size <= capacity) break;
      this.#done.delete(oldest);
    }
  }
}

function cacheKey(hash: string): string {
  return `backplane:webhook:${hash}`;
}
