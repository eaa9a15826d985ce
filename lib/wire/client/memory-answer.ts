import type { WireResponse } from '../../api/wire-service.js';
import type { MemoryFlow } from './memory-socket.js';
import type { Patience } from './patience.js';
import type { SentCall } from './transport.js';
import { tooLarge } from './wire-errors.js';

/** As much as a writer may be ahead of its reader, in bytes or characters. */
const capacity = 65_536;

type Chunk = string | Buffer;

interface Reading {
  readonly call: SentCall;
  readonly patience: Patience;
  cancel(): void;
}

/** What a plugin of this process answers, as the caller reads it: what was written is copied, or text, which cannot change. */
export class MemoryAnswer implements WireResponse, MemoryFlow {
  readonly status: number;
  readonly headers: WireResponse['headers'];
  readonly #reading: Reading;
  #onDrain: (() => void) | undefined;
  #chunks: Chunk[] = [];
  #length = 0;
  #read = 0;
  #isEnded = false;
  /** Somebody reads all there will be. */
  #isCollecting = false;
  #error: Error | undefined;
  #json: { readonly value: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(status: number, headers: WireResponse['headers'], reading: Reading) {
    this.status = status;
    this.headers = headers;
    this.#reading = reading;
  }

  /** For the writer: adds a chunk; `false`: wait for `onDrain` before the next. */
  add(chunk: Chunk, onDrain: () => void): boolean {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    this.#notify();
    if (this.#isCollecting || this.#length < capacity) return true;
    this.#onDrain = onDrain;
    return false;
  }

  /** For the writer: that was all, or it broke off; or all is this value. */
  end(error?: Error, json?: { readonly value: unknown }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#json = json;
    this.#notify();
  }

  get read(): number {
    return this.#read;
  }

  get unread(): number {
    return this.#onDrain ? this.#length : 0;
  }

  get json(): { readonly value: unknown } | undefined {
    return this.#json;
  }

  async text(limit = this.#reading.call.maxResponseSize): Promise<string> {
    const { call, patience } = this.#reading;
    if (this.#json) this.#chunks.push(JSON.stringify(this.#json.value));
    this.#isCollecting = true;
    if (!this.#isEnded) patience.resume();
    const whole: Chunk[] = [];
    let size = 0;
    for (;;) {
      for (const chunk of this.#take()) {
        whole.push(chunk);
        size += Buffer.byteLength(chunk);
      }
      if (size > limit) {
        this.cancel();
        throw tooLarge(call.operation, this.status, limit);
      }
      if (this.#isEnded) break;
      await this.#more();
    }
    if (this.#error) throw this.#error;
    return whole.length === 1 && typeof whole[0] === 'string' ? whole[0] : Buffer.concat(whole.map(bytesOf)).toString();
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#readBytes();
  }

  cancel(): void {
    if (!this.#isEnded) this.#reading.cancel();
    this.#chunks = [];
  }

  /** Until somebody reads, the deadline counts: what nobody reads would have its writer wait for ever. */
  async *#readBytes(): AsyncGenerator<Uint8Array> {
    this.#reading.patience.pause();
    try {
      if (this.#json) this.#chunks.push(JSON.stringify(this.#json.value));
      for (;;) {
        for (const chunk of this.#take()) {
          yield bytesOf(chunk);
          this.#read += chunk.length;
        }
        if (this.#isEnded && this.#chunks.length === 0) break;
        await this.#more();
      }
      if (this.#error) throw this.#error;
    } finally {
      this.cancel();
    }
  }

  #take(): Chunk[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#length = 0;
    const onDrain = this.#onDrain;
    this.#onDrain = undefined;
    onDrain?.();
    return chunks;
  }

  /** Resolves once there is something to take, or nothing more to come. */
  #more(): Promise<void> {
    if (this.#chunks.length > 0 || this.#isEnded) return Promise.resolve();
    return new Promise(resolve => (this.#wake = resolve));
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function bytesOf(chunk: Chunk): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}
