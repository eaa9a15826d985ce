import type { BackendSettings } from './backend-settings.js';

/** How often, and after what wait, one plugin is started again. */
export class RestartPolicy {
  readonly #settings: Pick<BackendSettings, 'retry' | 'intensity'>;
  /** When it was, in ms since the process began. */
  readonly #times: number[] = [];
  #attempts = 0;

  constructor(settings: Pick<BackendSettings, 'retry' | 'intensity'>) {
    this.#settings = settings;
  }

  /** The wait before the next attempt, in ms: it doubles with every attempt since the plugin was well. */
  get delay(): number {
    const { initialDelay, maxDelay } = this.#settings.retry;
    return Math.min(maxDelay, initialDelay * 2 ** this.#attempts);
  }

  noteAttempt(): void {
    this.#attempts++;
  }

  noteSuccess(): void {
    this.#attempts = 0;
  }

  /** Counts a failure that only so many are borne of in a while; `false` where it is one too many. */
  bear(now = performance.now()): boolean {
    const { restarts, period } = this.#settings.intensity;
    while (this.#times.length > 0 && this.#times[0]! <= now - period) this.#times.shift();
    if (this.#times.length >= restarts) return false;
    this.#attempts = this.#times.length;
    this.#times.push(now);
    return true;
  }
}
