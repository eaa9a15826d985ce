import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';

/** What a server refused a connection with. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly code: string;
}

/** The first message of a connection, which is then ended. */
export async function firstMessage(port: number, path: string, options: ClientOptions = {}): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  const text = await next(socket);
  socket.terminate();
  return text;
}

/** An open connection; rejects where there is none. */
export async function open(port: number, path: string, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  await once(socket, 'open');
  return socket;
}

/** What a connection is refused with, as HTTP. */
export function refused(port: number, path: string, options: ClientOptions = {}): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    socket.on('open', () => reject(new Error('it was not refused')));
    socket.on('error', reject);
    socket.on('unexpected-response', (_, incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => {
        const { error } = JSON.parse(text) as { error: { code: string } };
        resolve({ status: incoming.statusCode!, headers: incoming.headers, code: error.code });
      });
    });
  });
}

/** The next message, as text. */
export async function next(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data.toString();
}

/** Sends a message and gives back the next one. */
export async function say(socket: WebSocket, text: string): Promise<string> {
  const answer = next(socket);
  socket.send(text);
  return answer;
}

/** The code it is closed with. */
export async function closed(socket: WebSocket): Promise<number> {
  if (socket.readyState === WebSocket.CLOSED) throw new Error('it is closed already');
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}
