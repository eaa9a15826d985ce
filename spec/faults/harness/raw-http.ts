import { connect } from 'node:net';

export interface RawAnswer {
  readonly bytes: Buffer;
  /** How the other side ended the connection. */
  readonly end: 'fin' | 'reset' | 'refused';
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

interface RawOptions {
  /** Bytes to read in a second; as fast as they come where absent. */
  readonly rate?: number;
  /** Told of what has come so far, each time that more comes. */
  readonly onBytes?: (received: number, bytes: Buffer) => void;
  readonly timeout?: number;
}

/** Sends bytes as they are and reads until the other side ends the connection. */
export function rawHttp(
  port: number,
  bytes: string,
  { rate, onBytes, timeout = 30_000 }: RawOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let received = 0;
    const begin = performance.now();
    const late = setTimeout(() => socket.destroy(new Error(`the connection was open for ${timeout} ms`)), timeout);
    const settle = (end: RawAnswer['end']) => {
      clearTimeout(late);
      resolve({ bytes: Buffer.concat(chunks), end, at: performance.now() });
      socket.destroy();
    };
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      received += chunk.length;
      onBytes?.(received, chunk);
      const ahead = rate ? (received / rate) * 1_000 - (performance.now() - begin) : 0;
      if (ahead < 1) return;
      socket.pause();
      setTimeout(() => socket.resume(), ahead);
    });
    // A reset that comes in the middle of a read is told as an end by libuv; only a write then still fails.
    socket.on('end', () => socket.write('\n', error => settle(error ? 'reset' : 'fin')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') settle('reset');
      else if (error.code === 'ECONNREFUSED') settle('refused');
      else {
        clearTimeout(late);
        reject(error);
      }
    });
  });
}

/** Whether nobody listens at the port. */
export async function isClosed(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    return await new Promise(resolve => {
      socket.on('connect', () => resolve(false));
      socket.on('error', () => resolve(true));
    });
  } finally {
    socket.destroy();
  }
}
