import type { Msg } from '@nats-io/transport-node';

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
  #progress: NodeJS.Timeout | undefined;

  constructor(kind: WakeKind, message: Msg, lease: number) {
    this.kind = kind;
    this.#message = message;
    this.subject = message.subject;
    // $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivery>.<seq>.<consumer seq>.<time>.<pending>[.<token>]
    const parts = message.reply!.split('.');
    const first = parts.length > 9 ? 6 : 4;
    this.delivery = Number(parts[first]);
    this.seq = Number(parts[first + 1]);
    this.order = Number(parts[first + 2]);
    this.#progress = setInterval(() => message.respond('+WPI'), lease / 3);
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

  #end(answer: string | undefined): void {
    if (this.#progress === undefined) return;
    clearInterval(this.#progress);
    this.#progress = undefined;
    if (answer !== undefined) this.#message.respond(answer);
  }
}
