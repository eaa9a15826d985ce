import { setTimeout as delay } from 'node:timers/promises';

/** Where lines go: `process.stdout`, or any other writable stream. */
export interface OutputStream {
  readonly isTTY?: boolean;
  write(text: string, done: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

const limit = 16 * 1024 * 1024;
const guarded = new WeakSet<OutputStream>();

/**
 * Writes lines to a stream that may be slow, blocked or gone, without ever waiting for it.
 *
 * At most 16 MiB wait for a reader; what exceeds that is dropped and counted, and once the reader has caught up
 * `onDropped` is told how many lines it was. When the reader is gone, lines are dropped silently.
 */
export class BoundedOutput {
  readonly #stream: OutputStream;
  #pending = 0;
  #dropped = 0;
  #gone = false;
  #idle: (() => void)[] = [];
  onDropped: (count: number) => void = () => {};

  constructor(stream: OutputStream) {
    this.#stream = stream;
    if (guarded.has(stream)) return;
    guarded.add(stream);
    // Without a listener an EPIPE would end the process. It stays: the error may come after the last line.
    stream.on('error', () => {});
  }

  write(line: string): void {
    if (this.#gone) return;
    const bytes = Buffer.byteLength(line);
    if (this.#pending + bytes > limit) {
      this.#dropped++;
      return;
    }
    this.#pending += bytes;
    try {
      this.#stream.write(line, error => this.#written(bytes, error));
    } catch (error) {
      this.#written(bytes, error as Error);
    }
  }

  /** Resolves once everything was written, or after `deadline` ms. */
  async flush(deadline: number): Promise<void> {
    if (this.#pending === 0) return;
    const timer = new AbortController();
    const idle = new Promise<void>(resolve => this.#idle.push(resolve));
    await Promise.race([idle, delay(deadline, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
  }

  #written(bytes: number, error: (Error & { code?: string }) | null | undefined): void {
    this.#pending -= bytes;
    this.#gone ||= error?.code === 'EPIPE' || error?.code === 'ERR_STREAM_DESTROYED';
    if (this.#pending > 0) return;
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.onDropped(count);
    }
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
