import type { Socket } from 'node:net';
import type { Exchange } from './exchange.js';

/** Limits of answers that are written and not read; `0` switches one off. */
export interface ReaderLimits {
  /** How long an answer may stand still, in ms. */
  readonly sendTimeout: number;
  /** How many bytes of all answers together may stand still. */
  readonly maxUnreadSize: number;
}

/** Less than this, in bytes a second, is to stand still: one byte now and then would keep an answer for ever. */
const slowest = 256;

/** How long everybody may stand still, in ms, however much that is. */
const respite = 2_000;

/** An answer of which something waits for its reader. */
interface Standstill {
  readonly exchange: Exchange;
  /** How many bytes had gone when it began. */
  readonly sent: number;
  /** How long it has lasted, in ms. */
  readonly duration: number;
}

/** Node's, behind a connection; not in its typings. That of TLS has the one of the network as its parent. */
interface Handle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
  readonly _parent?: Handle;
}

/**
 * Finds those who ask and then do not read: what was written for them stays with us, and whoever writes it waits.
 *
 * An answer of which nothing waits does not stand still, however long its next part takes to come.
 */
export class SlowReaders {
  readonly #limits: ReaderLimits;
  /** How many bytes have to go so that a standstill ends. */
  readonly #least: number;
  #standing = new Map<Exchange, Standstill>();

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
    this.#least = Math.max(1, (slowest * limits.sendTimeout) / 1_000);
  }

  /** Gives those that are to be cut off. They could have read for `elapsed` ms since the last look. */
  look(open: readonly Exchange[], elapsed: number): Exchange[] {
    const standing = new Map<Exchange, Standstill>();
    for (const exchange of open) {
      if (exchange.res.writableLength === 0 || !exchange.res.socket) continue;
      const sent = sentOn(exchange.res.socket);
      const before = this.#standing.get(exchange);
      // A plugin of this process may have much to do with each part.
      const least = exchange.callerId === undefined ? this.#least : 1;
      const goesOn = before !== undefined && sent - before.sent < least;
      standing.set(
        exchange,
        goesOn ? { ...before, duration: before.duration + elapsed } : { exchange, sent, duration: 0 },
      );
    }
    this.#standing = standing;
    return this.#late();
  }

  /** Whoever has stood still for too long; and the longest of all, as long as what they do not read is too much. */
  #late(): Exchange[] {
    const { sendTimeout, maxUnreadSize } = this.#limits;
    const longestFirst = [...this.#standing.values()].toSorted((a, b) => b.duration - a.duration);
    const standing = longestFirst.filter(({ duration }) => duration >= Math.min(respite, sendTimeout || respite));
    let unread = standing.reduce((sum, { exchange }) => sum + exchange.res.writableLength, 0);
    const late: Exchange[] = [];
    for (const { exchange, duration } of standing) {
      const isTooLong = sendTimeout > 0 && duration >= sendTimeout;
      const isTooMuch = maxUnreadSize > 0 && unread > maxUnreadSize;
      if (!isTooLong && !isTooMuch) break;
      unread -= exchange.res.writableLength;
      late.push(exchange);
    }
    return late;
  }
}

/** How many bytes have left us. A large piece is written at once and leaves bit by bit, which only Node's handle tells. */
function sentOn(socket: Socket): number {
  const { _handle } = socket as { _handle?: Handle | null };
  const handle = _handle?._parent ?? _handle;
  return handle ? handle.bytesWritten - handle.writeQueueSize : socket.bytesWritten - socket.writableLength;
}
