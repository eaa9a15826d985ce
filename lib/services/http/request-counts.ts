/** How many requests a client has sent within its window, the one that was just counted included. */
export interface RequestCount {
  readonly requests: number;
  /** How long the window is still open, in ms. */
  readonly left: number;
  /** The request was none that counts. */
  takeBack(): void;
}

/** Counts the requests of clients, each within a window that begins with its first one. */
export interface RequestCounts {
  /** `undefined` where it cannot be counted. */
  add(client: string): RequestCount | undefined | Promise<RequestCount | undefined>;
}
