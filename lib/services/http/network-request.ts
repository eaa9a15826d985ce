import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** Whether it came over a socket: calls between the plugins of this process, and of tests, do not. */
export function isFromNetwork({ socket }: IncomingMessage): boolean {
  return socket instanceof Socket;
}
