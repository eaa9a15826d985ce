import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

/**
 * How long a request waits at the server, in ms; and how much longer its answer may take before it is asked anew: what
 * was asked while somebody deleted a stream is forgotten without a word.
 */
const expires = 10_000;
const grace = 2_000;

/** What is given instead of a message: try again, or see to the consumer first, since it is not there. */
export type Pulled = Msg | 'nothing' | 'gone';

/** Asks a durable consumer for one message at a time, each for somebody who is free to handle it. */
export class NatsPull {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #waiting = new Map<string, (pulled: Pulled) => void>();
  #count = 0;

  constructor(connection: NatsConnection, inbox: string, stream: string, consumer: string) {
    this.#connection = connection;
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    this.#inbox = inbox;
    this.#subscription = connection.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#take(message);
      },
    });
  }

  next(): Promise<Pulled> {
    if (this.#connection.isClosed() || this.#subscription.isClosed() || this.#subscription.isDraining()) {
      return Promise.resolve('nothing');
    }
    const reply = `${this.#inbox}.${++this.#count}`;
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#settle(reply, 'nothing'), expires + grace);
      this.#waiting.set(reply, pulled => {
        clearTimeout(timer);
        resolve(pulled);
      });
      this.#connection.publish(this.#subject, `{"batch":1,"expires":${expires * 1_000_000}}`, { reply });
    });
  }

  /** The server has forgotten what it was asked: everybody asks again. */
  renew(): void {
    for (const reply of this.#waiting.keys()) this.#settle(reply, 'nothing');
  }

  /** Takes nothing any more; what comes all the same is given back. */
  async close(): Promise<void> {
    const drained = this.#subscription.isClosed() ? Promise.resolve() : this.#subscription.drain();
    await drained.catch(() => {});
    this.renew();
  }

  #take(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (this.#waiting.has(message.subject)) {
      const isGone = code === 503 || (code === 409 && /deleted/i.test(message.headers?.description ?? ''));
      this.#settle(message.subject, isGone ? 'gone' : 'nothing');
    } else if (message.reply?.startsWith('$JS.ACK.')) {
      const [first] = this.#waiting.keys();
      if (first === undefined || this.#subscription.isDraining()) message.respond('-NAK');
      else this.#settle(first, message);
    }
  }

  #settle(reply: string, pulled: Pulled): void {
    const settle = this.#waiting.get(reply);
    this.#waiting.delete(reply);
    settle?.(pulled);
  }
}
