/** One event of `text/event-stream`. */
export interface ServerEvent {
  /** Its `event` field; `message` where it has none. */
  readonly type: string;
  readonly data: string;
}

/** How many characters one event may have. */
const longest = 4_194_304;

/** An event that carries `json`, the text of a JSON value, which has no line breaks. */
export function encodeEvent(json: string): string {
  return `data: ${json}\n\n`;
}

/** The last event of a stream that could not go on; `json` is an `ErrorBody`. */
export function encodeErrorEvent(json: string): string {
  return `event: error\ndata: ${json}\n\n`;
}

/** The events in a body, one after the other. Comments, and what is cut off at the end, are left out. */
export async function* decodeEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void, undefined> {
  let type = '';
  let data: string[] = [];
  let length = 0;
  for await (const line of linesOf(body)) {
    if (line === '') {
      if (data.length > 0) yield { type: type || 'message', data: data.join('\n') };
      type = '';
      data = [];
      length = 0;
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1);
    length += line.length;
    if (length > longest) throw tooLong();
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be the first half of a line break.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    if (rest.length > longest) throw tooLong();
    yield* lines;
  }
}

function tooLong(): RangeError {
  return new RangeError(`an event has more than ${longest} characters`);
}
