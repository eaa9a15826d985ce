import type { RedisClient, RedisLibrary } from './redis-library.js';

/** A server that answers, and is of no use. */
export class UnfitServer extends Error {
  override readonly name = 'UnfitServer';
  /** It cannot become another one, as a replica may. */
  readonly isForGood: boolean;

  /** `what` is what it is. */
  constructor(what: string, { isForGood = true } = {}) {
    super(`It is ${what}`);
    this.isForGood = isForGood;
  }
}

/** By what a server knows a connection: an id alone may be another one's after a restart. */
export interface ConnectionName {
  readonly id: string;
  readonly address: string;
}

/**
 * Resolves once the server answers, and keeps what it is given. Rejects with `UnfitServer`, or with what it answers.
 *
 * A server before Redis 6 does not say what it is, nor what it calls the connection.
 */
export async function greet(client: RedisClient, { ErrorReply }: RedisLibrary): Promise<ConnectionName | undefined> {
  const ifKnown = async (...command: string[]): Promise<unknown> => {
    try {
      return await client.sendCommand(command);
    } catch (error) {
      if (error instanceof ErrorReply) return undefined;
      throw error;
    }
  };
  const [pong, hello, info] = await Promise.all([
    client.sendCommand(['PING']),
    ifKnown('HELLO', '2'),
    ifKnown('CLIENT', 'INFO'),
  ]);
  if (pong !== 'PONG') throw new UnfitServer('no Redis', { isForGood: false });
  refuseUnfit(Array.isArray(hello) ? hello.map(String) : []);
  const [, id, address] = /^id=(\d+) addr=(\S+)/.exec(String(info)) ?? [];
  return id === undefined || address === undefined ? undefined : { id, address };
}

/** Has the server forget what may still be on its way on a connection that was given up: it would undo what is sent now. */
export function endConnection(client: RedisClient, { id, address }: ConnectionName): void {
  client.sendCommand(['CLIENT', 'KILL', 'ID', id, 'ADDR', address]).catch(() => {});
}

/** `hello` has names, each followed by its value. */
function refuseUnfit(hello: readonly string[]): void {
  const valueOf = (name: string) => (hello.includes(name) ? hello[hello.indexOf(name) + 1] : undefined);
  if (valueOf('mode') === 'cluster') throw new UnfitServer('a node of a Redis Cluster');
  if (valueOf('mode') === 'sentinel') throw new UnfitServer('a Redis Sentinel');
  if (valueOf('role') === 'replica') throw new UnfitServer('a read-only replica', { isForGood: false });
}
