import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By their names in lower case; the last of each. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawExchange {
  readonly text: string;
  readonly answers: readonly RawAnswer[];
  /** Whether the server ended the connection, or else we had to. */
  readonly ended: boolean;
  /** From the first byte we sent to the first we got, in ms. */
  readonly duration: number;
}

/** Sends bytes as they are, and gives what came back until the server ended the connection or was silent for a while. */
export function rawExchange(
  port: number,
  bytes: string | readonly string[],
  { silence = 60 }: { readonly silence?: number } = {},
): Promise<RawExchange> {
  return new Promise(resolve => {
    const begun = performance.now();
    let text = '';
    let duration = Infinity;
    let quiet: NodeJS.Timeout | undefined;
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (ended: boolean) => {
      clearTimeout(quiet);
      socket.destroy();
      resolve({ text, answers: answersIn(text), ended, duration });
    };
    const wait = (time: number) => {
      clearTimeout(quiet);
      quiet = setTimeout(() => settle(false), time);
    };
    socket.setEncoding('latin1');
    socket.on('connect', () => {
      for (const part of typeof bytes === 'string' ? [bytes] : bytes) socket.write(part, 'latin1');
    });
    socket.on('data', (chunk: string) => {
      if (text === '') duration = performance.now() - begun;
      text += chunk;
      wait(silence);
    });
    socket.on('error', () => {});
    socket.on('close', () => settle(true));
    wait(3_000);
  });
}

/** As a strict reader sees them: by `Content-Length`, or up to the end. */
function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest.startsWith('HTTP/1.1 ')) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) break;
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n');
    const headers = new Map(
      fields.map(field => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
      }),
    );
    const status = Number(line.slice(9, 12));
    const length = status < 200 ? 0 : Number(headers.get('content-length') ?? Infinity);
    answers.push({ status, headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
