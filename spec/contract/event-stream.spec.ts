import { expect } from 'chai';
import fc from 'fast-check';
import { decodeEvents, encodeErrorEvent, encodeEvent, type ServerEvent } from '../../lib/contract/event-stream.js';

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    yield await Promise.resolve(bytes.subarray(from, from + size));
    from += size;
  }
}

async function eventsIn(text: string, sizes: readonly number[] = []): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of decodeEvents(inPieces(new TextEncoder().encode(text), sizes))) events.push(event);
  return events;
}

describe('A stream of events', () => {
  it('is read as it was written, wherever it is cut', async () => {
    const part = fc.array(
      fc.jsonValue().map(value => JSON.stringify(value)),
      { maxLength: 5 },
    );

    await fc.assert(
      fc.asyncProperty(part, fc.array(fc.nat({ max: 9 }), { maxLength: 20 }), async (values, sizes) => {
        const text = values.map(encodeEvent).join(': still here\n\n') + encodeErrorEvent('{"error":1}');
        const expected = values.map(data => ({ type: 'message', data }));

        expect(await eventsIn(text, sizes)).to.deep.equal([...expected, { type: 'error', data: '{"error":1}' }]);
      }),
    );
  });

  for (const [what, text, expected] of [
    ['carriage returns', 'data: a\r\n\r\ndata: b\r\rdata: c\n\n', ['a', 'b', 'c']],
    ['several lines of data', 'data: a\ndata: b\n\n', ['a\nb']],
    ['no space behind the colon', 'data:a\n\n', ['a']],
    ['only one space', 'data:  a\n\n', [' a']],
    ['a field without a value', 'data\n\n', ['']],
    ['comments and unknown fields', ': hello\nid: 1\nretry: 5\ndata: a\n\n', ['a']],
    ['an event without data', 'event: a\n\ndata: b\n\n', ['b']],
    ['an end that is cut off', 'data: a\n\ndata: b\n', ['a']],
  ] as const) {
    it(`may have ${what}`, async () => {
      expect((await eventsIn(text)).map(({ data }) => data)).to.deep.equal(expected);
    });
  }

  it('is read where a carriage return and its line feed come apart', async () => {
    expect(await eventsIn('data: a\r\ndata: b\r\n\r\n', [8])).to.deep.equal([{ type: 'message', data: 'a\nb' }]);
  });

  for (const [where, part] of [
    ['event', new Uint8Array(1_000_000).fill(97)],
    ['list of lines', new TextEncoder().encode('data: a\n'.repeat(100_000))],
    ['list of comments', new TextEncoder().encode(': a\n'.repeat(100_000))],
  ] as const) {
    it(`ends with an error where the ${where} of an event has no end`, async () => {
      const endless = (async function* () {
        for (let n = 0; n < 100; n++) yield await Promise.resolve(part);
      })();

      const outcome = await decodeEvents(endless)
        .next()
        .then(
          () => 'read',
          (error: Error) => error.message,
        );

      expect(outcome).to.equal('an event has more than 4194304 characters');
    });
  }
});
