import { request as requestHttp, type IncomingMessage } from 'node:http';

/** How long an answer may take, in ms, and how many bytes it may have. */
export const fetchTimeout = 1_000;
export const fetchLimit = 65_536;

export interface FetchedText {
  readonly status: number;
  readonly text: string;
}

/**
 * What is at an address that is no plugin's, on a connection of its own. Nothing is followed and nothing decoded.
 *
 * Rejects for an answer that takes longer than `fetchTimeout`, or has more than `fetchLimit` bytes.
 */
export async function fetchOverHttp(url: URL): Promise<FetchedText> {
  // Loaded when it is needed: it costs a start some milliseconds.
  const { request } = url.protocol === 'https:' ? await import('node:https') : { request: requestHttp };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false, headers: { accept: 'application/json' } }, incoming => {
      textOf(incoming).then(text => resolve({ status: incoming.statusCode ?? 0, text }), fail);
    });
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error(`No answer within ${fetchTimeout} ms`)), fetchTimeout);
    outgoing.on('error', fail).on('close', () => clearTimeout(timer));
    outgoing.end();
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > fetchLimit) throw new Error(`The answer has more than ${fetchLimit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
