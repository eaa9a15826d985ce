import type { ServerResponse } from 'node:http';
import type { HeadersArgument } from './header-facts.js';

export type Callback = (error?: Error | null) => void;

type Write<R> = (this: ServerResponse, chunk?: unknown, encoding?: BufferEncoding | Callback, callback?: Callback) => R;

/** What writes a response behind what of ours is in front of it: Node's, or that of whoever brings its own. */
export interface InheritedResponse {
  readonly writeHead: (
    this: ServerResponse,
    status: number,
    reason?: string | HeadersArgument,
    headers?: HeadersArgument,
  ) => ServerResponse;
  readonly write: Write<boolean>;
  readonly end: Write<ServerResponse>;
  readonly emit: (this: ServerResponse, event: string | symbol, ...args: unknown[]) => boolean;
}

export function inheritedOf(res: ServerResponse): InheritedResponse {
  return Object.getPrototypeOf(res) as InheritedResponse;
}
