import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { Lease } from '../lease.js';

/** Where a delivery comes from: the topic, or what was taken back from the dead letters. */
export type WakeKind = 'event' | 'again';

/** A message that the server has given to this member, and gives to another one when it hears nothing for long enough. */
export class NatsWake {
  readonly kind: WakeKind;
  readonly subject: string;
  /** Where it is in its stream. */
  readonly seq: number;
  /** 1 for the first time that the server has given it to anybody. */
  readonly delivery: number;
  /** Which of all deliveries of the consumer it is: one that was made anew begins again. */
  readonly order: number;
  readonly #message: Msg;
  readonly #connection: NatsConnection;
  readonly #lease: Lease;
  #progress: NodeJS.Timeout | undefined;

  constructor(kind: WakeKind, message: Msg, connection: NatsConnection, lease: number) {
    this.kind = kind;
    this.#message = message;
    this.#connection = connection;
    this.#lease = new Lease(lease, performance.now());
    this.subject = message.subject;
    // $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivery>.<seq>.<consumer seq>.<time>.<pending>[.<token>]
    const parts = message.reply!.split('.');
    const first = parts.length > 9 ? 6 : 4;
    this.delivery = Number(parts[first]);
    this.seq = Number(parts[first + 1]);
    this.order = Number(parts[first + 2]);
    this.#progress = setInterval(() => void this.#hold(lease), lease / 3);
  }

  /** Aborts when the server may have given it to somebody else. */
  get lost(): AbortSignal {
    return this.#lease.lost;
  }

  get text(): string {
    return this.#message.string();
  }

  /** It is done with, for the group. */
  ack(): void {
    this.#end('+ACK');
  }

  /** It comes again after so many ms, to this member or another one. */
  nak(after: number): void {
    this.#end(after > 0 ? `-NAK {"delay":${Math.ceil(after) * 1_000_000}}` : '-NAK');
  }

  /** The server finds out by itself. */
  abandon(): void {
    this.#end(undefined);
  }

  /** The server answers once it has heard of it. */
  async #hold(lease: number): Promise<void> {
    // The server would answer even where somebody else has it by now.
    if (this.#lease.isOver) return;
    const since = performance.now();
    try {
      await this.#connection.request(this.#message.reply!, '+WPI', { timeout: lease });
      this.#lease.renew(since);
    } catch {
      // It is tried again before the lease ends, and else that does.
    }
  }

  #end(answer: string | undefined): void {
    if (this.#progress === undefined) return;
    clearInterval(this.#progress);
    this.#progress = undefined;
    this.#lease.release();
    if (answer !== undefined) this.#message.respond(answer);
  }
}
