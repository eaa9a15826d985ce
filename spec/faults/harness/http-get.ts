import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** All of the answer came. */
  readonly complete: boolean;
  /** In ms, from the asking to the last byte. */
  readonly duration: number;
}

interface GetOptions {
  /** In ms. */
  readonly timeout?: number;
  readonly headers?: OutgoingHttpHeaders;
}

/** Asks once, on a connection of its own. Rejects where there is no answer at all. */
export function get(port: number, path: string, { timeout = 15_000, headers = {} }: GetOptions = {}): Promise<Answer> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path, headers, agent: false, timeout }, incoming => {
      const { statusCode: status = 0, headers: answered } = incoming;
      // From now on there is an answer, if only a part of one.
      outgoing.off('error', reject).on('error', () => {});
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', () => {});
      incoming.on('close', () => {
        resolve({ status, headers: answered, text, complete: incoming.complete, duration: performance.now() - begin });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from ${path} in ${timeout} ms`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** The code of the error that the answer tells; `undefined` where it tells none. */
export function codeOf({ text }: Answer): string | undefined {
  return (JSON.parse(text) as { error?: { code: string } }).error?.code;
}
