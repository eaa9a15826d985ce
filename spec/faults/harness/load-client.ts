import { Agent, request } from 'node:http';

export interface LoadResult {
  readonly requests: number;
  readonly ok: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  /** Nobody listened. */
  readonly refused: number;
  /** The connection broke before there was an answer. */
  readonly reset: number;
  /** Less came than the answer had said. */
  readonly truncated: number;
  readonly p50: number;
  readonly p99: number;
}

interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  readonly path: string;
  /** `false`: a connection that the server ends is not replaced. Default `true`. */
  readonly reconnect?: boolean;
  /** How long each connection waits between two requests, in ms. Default 0: as many as there can be. */
  readonly pause?: number;
}

type Outcome = 'ok' | 'clientErrors' | 'serverErrors' | 'refused' | 'reset' | 'truncated';

/** Keeps connections busy with one request after the other, each sent when the one before is answered. */
export class LoadClient {
  readonly #options: LoadOptions;
  readonly #reconnect: boolean;
  readonly #counts: Record<Outcome, number> = {
    ok: 0,
    clientErrors: 0,
    serverErrors: 0,
    refused: 0,
    reset: 0,
    truncated: 0,
  };
  readonly #durations: number[] = [];
  readonly #done: Promise<unknown>;
  #ending = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#reconnect = options.reconnect ?? true;
    this.#done = Promise.all(Array.from({ length: options.connections }, () => this.#loop()));
  }

  /** What has come of it, once the requests that are under way are answered. */
  async end(): Promise<LoadResult> {
    this.#ending = true;
    await this.#done;
    const sorted = this.#durations.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const requests = Object.values(this.#counts).reduce((sum, n) => sum + n, 0);
    return { requests, ...this.#counts, p50: at(0.5), p99: at(0.99) };
  }

  async #loop(): Promise<void> {
    // An agent for each, so that a connection belongs to its loop.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.#ending) {
      const { outcome, ended } = await this.#once(agent);
      this.#counts[outcome]++;
      if (ended && !this.#reconnect) break;
      if (this.#options.pause) await new Promise(resolve => setTimeout(resolve, this.#options.pause));
      // A server that is gone is not to be asked as fast as that can be found out.
      if (outcome === 'refused') await new Promise(resolve => setTimeout(resolve, 20));
    }
    agent.destroy();
  }

  #once(agent: Agent): Promise<{ outcome: Outcome; ended: boolean }> {
    const begin = performance.now();
    const { port, path } = this.#options;
    return new Promise(resolve => {
      const outgoing = request({ port, host: '127.0.0.1', path, agent }, incoming => {
        const { statusCode = 0 } = incoming;
        outgoing.removeAllListeners('error').on('error', () => {});
        incoming.resume();
        incoming.on('error', () => {});
        incoming.on('close', () => {
          this.#durations.push(performance.now() - begin);
          const ended = incoming.headers.connection === 'close';
          if (!incoming.complete) resolve({ outcome: 'truncated', ended: true });
          else
            resolve({ outcome: statusCode >= 500 ? 'serverErrors' : statusCode >= 400 ? 'clientErrors' : 'ok', ended });
        });
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) =>
        resolve({ outcome: error.code === 'ECONNREFUSED' ? 'refused' : 'reset', ended: true }),
      );
      outgoing.end();
    });
  }
}
