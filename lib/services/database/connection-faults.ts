/** What a driver with one connection knows of statements that fail. */
export interface ConnectionFaults {
  /**
   * Sends a statement, and again for as long as somebody outside of this process keeps it from beginning. Rejects with
   * an error of ours where it is not the statement that is wrong.
   */
  attempt<T>(send: () => Promise<T>): Promise<T>;
  /** Whether the transaction is open that was begun: some databases end it where a statement in it fails. */
  isInTransaction(): boolean;
}

/** Of a database that nobody else can reach, and that says what it has ended. */
export const noFaults: ConnectionFaults = Object.freeze({
  attempt: <T>(send: () => Promise<T>) => send(),
  isInTransaction: () => true,
});
