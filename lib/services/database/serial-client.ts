/** What is used here of the class `Client` of `pg`. */
export type ClientClass = new (...options: never[]) => { query(...args: unknown[]): unknown };

/**
 * A client whose queries are sent one after the other, in the order in which they are asked for.
 *
 * A transaction that saves several things at once (`Promise.all`) asks for the next one before the first has an answer,
 * which `pg` warns of and is going to refuse.
 */
export function serialClientOf(Client: ClientClass): ClientClass {
  return class SerialClient extends Client {
    /** Ends with the query that was asked for last; absent where none is running. */
    #last: Promise<void> | undefined;

    override query(...args: unknown[]): unknown {
      // Streams and callbacks, of which the pool's own are one, have no promise to wait for.
      const isStream = typeof (args[0] as { submit?: unknown } | undefined)?.submit === 'function';
      if (isStream || typeof args.at(-1) === 'function') return super.query(...args);
      const result = this.#last
        ? this.#last.then(() => super.query(...args))
        : (super.query(...args) as Promise<unknown>);
      const ended = result.then(done, done).then(() => {
        if (this.#last === ended) this.#last = undefined;
      });
      this.#last = ended;
      return result;
    }
  };
}

function done(): void {}
