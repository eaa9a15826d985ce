import { IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { currentAccount } from '../../api/attribution.js';
import { tellAllOnAccount } from './tell-on-account.js';

type Listener = Parameters<IncomingMessage['on']>[1];

/**
 * A request that tells its listeners what happens on the account of the plugin that has added them. Node tells them where
 * the connection brings it, on nobody's: one that throws at a part of the body that came late would end the process.
 *
 * Without listeners it is no more than Node's own, and has no field of its own.
 */
export class HeardRequest extends IncomingMessage {
  // `once()` comes here as well.
  override on(event: string | symbol, listener: Listener): this {
    hear(this);
    return super.on(event as string, listener);
  }

  override addListener(event: string | symbol, listener: Listener): this {
    return this.on(event, listener);
  }

  // And `prependOnceListener()` here.
  override prependListener(event: string | symbol, listener: Listener): this {
    hear(this);
    return super.prependListener(event as string, listener);
  }
}

function hear(request: HeardRequest): void {
  if (request.emit !== HeardRequest.prototype.emit) return;
  const account = currentAccount();
  if (account) tellAllOnAccount(request, account);
}

/**
 * Has Node make requests of the class that `server` was given as `IncomingMessage`: it looks for that where a connection
 * says what its server is, which is not the server itself.
 */
export function tellRequestClass(server: Server): (socket: Socket) => void {
  const key = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'IncomingMessage');
  let shown: object | undefined;
  return socket => {
    const connection = socket as Socket & { server: object };
    shown ??= Object.freeze({ __proto__: null, ...connection.server, ...(key && { [key]: HeardRequest }) });
    connection.server = shown;
  };
}
