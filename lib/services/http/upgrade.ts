import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { currentAccount } from '../../api/attribution.js';
import type { RequestedUpgrade } from '../../api/http-services.js';
import { tellAllOnAccount } from './tell-on-account.js';

/** The connection of a request that asks for another protocol, and whose it is. */
export class Upgrade implements RequestedUpgrade {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly origin: RequestedUpgrade['origin'];
  #written: number | undefined;
  #left: (() => void) | undefined;

  /** `left` is called once, when it is handed over or nobody waits any more. */
  constructor(socket: Socket, head: Buffer, origin: RequestedUpgrade['origin'], left: () => void) {
    this.#left = left;
    this.socket = socket;
    this.head = head;
    this.origin = origin;
  }

  /** Its handler has written to it: an answer of HTTP would be taken for part of that. */
  get isTaken(): boolean {
    return this.#written !== undefined && this.socket.bytesWritten > this.#written;
  }

  leave(): void {
    this.#left?.();
    this.#left = undefined;
  }

  handOver(): void {
    this.leave();
    const { socket } = this;
    this.#written = socket.bytesWritten;
    const account = currentAccount();
    if (account) tellAllOnAccount(socket, account);
  }
}

/**
 * Whether `req` asks for another protocol in a way that a plugin can grant. HTTP/2 is not spoken here, and clients that
 * offer it with every request want an answer in the first place.
 */
export function asksForUpgrade({ method, headers, httpVersion }: IncomingMessage): boolean {
  if (method !== 'GET' || httpVersion !== '1.1' || headers['transfer-encoding'] !== undefined) return false;
  if (headers['content-length'] !== undefined && headers['content-length'] !== '0') return false;
  return headers.upgrade !== undefined && !/^\s*h2c?\b/i.test(headers.upgrade);
}

/**
 * The request as it would have been without its wish for another protocol, as bytes. Node has parsed it already, so its
 * framing is sound, and what was sent after its headers follows.
 */
export function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage, head: Buffer): Buffer {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (/^(?:upgrade|http2-settings)$/i.test(name)) continue;
    text += `${name}: ${/^connection$/i.test(name) ? withoutToken(value) : value}\r\n`;
  }
  return Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]);
}

function withoutToken(connection: string): string {
  const tokens = connection.split(',').map(token => token.trim());
  return tokens.filter(token => !/^(?:upgrade|http2-settings)$/i.test(token)).join(', ');
}

/**
 * Does for a connection what Node's HTTP server does no longer once a request has wished for another protocol, while those
 * before it are answered: lets what is `answering` go on when there is room again, and ends it when the caller has gone.
 * Gives back how to end that. What comes meanwhile is kept, as much as a connection keeps.
 */
export function serveOn(socket: Socket, answering: () => ServerResponse | undefined): () => void {
  const onDrain = (): void => {
    const res = answering();
    if (res?.writableNeedDrain) res.emit('drain');
  };
  // Only whoever reads behind the last byte is told of the end.
  const onReadable = (): void => {
    if (socket.readableLength === 0) socket.read();
  };
  const onEnd = (): void => void socket.end();
  socket.on('drain', onDrain).on('readable', onReadable).on('end', onEnd);
  return () => void socket.off('drain', onDrain).off('readable', onReadable).off('end', onEnd);
}

/** Leaves nothing of Node's HTTP server on a connection, which is then read from `bytes` on. */
export function beginAgain(socket: Socket, bytes: Buffer): void {
  socket.setTimeout(0);
  socket.removeAllListeners('timeout');
  socket.unshift(bytes);
}
