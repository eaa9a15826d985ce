import { expect } from 'chai';
import * as fc from 'fast-check';
import { loggerFixture } from './logger-fixture.js';

const longestLine = 64 * 1024;

function refuse(): never {
  throw new Error('refused');
}

/** Nothing may be asked of it. */
function refusing(): object {
  const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'set'];
  return new Proxy({}, Object.fromEntries(traps.map(trap => [trap, refuse])));
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function deep(levels: number): object {
  let value: object = {};
  for (let i = 0; i < levels; i++) value = { value };
  return value;
}

function circular(): object {
  const value: Record<string, unknown> = { list: [] };
  value['self'] = value;
  (value['list'] as unknown[]).push(value);
  return value;
}

function endlessJson(): object {
  return { toJSON: () => endlessJson() };
}

const hostile: [what: string, value: () => unknown][] = [
  ['circular data', circular],
  ['an error that is its own cause', () => Object.assign(new Error('x'), circular(), { cause: undefined })],
  ['a getter that throws', () => Object.defineProperty({}, 'a', { enumerable: true, get: () => BigInt('x') })],
  ['a getter that throws nothing', () => ({ get a(): never { throw undefined; } })], // prettier-ignore
  ['a toJSON that throws', () => ({ toJSON: () => BigInt('x') })],
  ['a toJSON without end', endlessJson],
  ['a toJSON that returns itself', () => ({ a: 1, toJSON() { return this; } })], // prettier-ignore
  ['a Proxy that refuses everything', refusing],
  ['a revoked Proxy', revoked],
  ['an error whose message throws', () => Object.defineProperty(new Error('x'), 'message', { get: () => BigInt('x') })],
  ['a Proxy of an error that throws', () => new Proxy(new Error('x'), { get: () => BigInt('x') })],
  ['data 10,000 levels deep', () => deep(10_000)],
  ['big integers', () => ({ a: 1n, b: 2n ** 100_000n })],
  ['symbols, functions and regular expressions', () => ({ a: Symbol('s'), b: deep, c: /x/g, d: class A {} })],
  ['dates, also invalid ones', () => ({ a: new Date(0), b: new Date(Number.NaN) })],
  ['binary data', () => ({ a: Buffer.alloc(1_000_000), b: new Float64Array(9), c: new DataView(new ArrayBuffer(8)) })],
  ['numbers JSON has no form for', () => ({ a: Number.NaN, b: Infinity, c: -0 })],
  ['maps and sets', () => ({ a: new Map([[{}, new Set([1])]]), b: new Set([circular()]) })],
  ['a field named __proto__', () => JSON.parse('{"__proto__":{"level":"x"},"constructor":1,"hasOwnProperty":2}')],
  ['what logs of requests are made from', () => ({ method: 'GET', headers: {}, socket: {}, setHeader() {} })],
  ['an object without prototype', () => Object.create(null)],
  ['lone surrogates', () => ({ '\ud800': '\udfff' })],
  ['null', () => null],
  ['a string', () => 'text'],
  ['an array', () => [1, circular()]],
];

describe('the logger', () => {
  for (const [what, value] of hostile) {
    it(`does not throw for ${what}`, async () => {
      const { logger, lines } = await loggerFixture({ mode: 'production' });

      logger.info('as meta', value() as never);
      logger.info('in a field', { value: value() });
      logger.info(value() as never);
      logger.child({ value: value() }).info('in a child');
      logger.child(value() as never).info('as a child');

      expect(lines().map(line => line.level)).to.deep.equal(['info', 'info', 'info', 'info', 'info']);
    });

    it(`does not throw for ${what} in development`, async () => {
      const { logger, output } = await loggerFixture({ mode: 'development', isTTY: true });

      logger.info('as meta', value() as never);
      logger.info('in a field', { value: value(), error: value() });

      expect(output.lines.filter(line => !line.startsWith('    '))).to.have.length(2);
    });
  }

  it('says what could not be read', async () => {
    const { logger, last } = await loggerFixture();

    logger.info('x', { a: refusing(), b: circular(), c: 2n ** 70n });

    expect(last()['a']).to.equal('[unreadable: refused]');
    expect(last()['b']).to.deep.equal({ list: ['[Circular]'], self: '[Circular]' });
    expect(last()['c']).to.equal('1180591620717411303424');
  });

  it('writes the same object twice where it is no circle', async () => {
    const { logger, last } = await loggerFixture();
    const shared = { a: 1 };

    logger.info('x', { first: shared, second: shared });

    expect(last()['second']).to.deep.equal({ a: 1 });
  });

  it('ends where data is nested deeper than anybody reads', async () => {
    const { logger, output } = await loggerFixture();

    logger.info('x', deep(10_000) as never);

    expect(output.text).to.contain('"[…]"');
    expect(output.text.length).to.be.below(500);
  });

  describe('truncates', () => {
    const rows = Array.from({ length: 500_000 }, (_, index) => ({ index, text: 'x'.repeat(200) }));
    const large: [what: string, value: unknown][] = [
      ['an object of 100 MB', { rows }],
      ['a text of 100 MB', { text: Buffer.alloc(100_000_000, 'x').toString('latin1') }],
      ['control characters', { text: '\u0000\u0085\u2028'.repeat(100_000) }],
      ['pairs of surrogates', { text: '😀'.repeat(100_000) }],
      ['many fields', Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field${index}`, index]))],
      ['empty objects', { list: Array.from({ length: 100_000 }, () => ({})) }],
      ['long names', { ['n'.repeat(100_000)]: 1 }],
      ['nested arrays', { list: Array.from({ length: 10_000 }, () => [[[[[[[[[[[[[[]]]]]]]]]]]]]]) }],
      ['an error with a long message', new Error('m'.repeat(1_000_000), { cause: new Error('c'.repeat(1_000_000)) })],
    ];
    for (const [what, meta] of large) {
      it(`${what} at 64 KiB, as valid JSON, in some ms`, async () => {
        const { logger, output, last } = await loggerFixture();
        logger.info('warm', { meta });
        const start = performance.now();

        logger.info('x', meta as never);

        const elapsed = performance.now() - start;
        expect(last().message).to.equal('x');
        expect(Buffer.byteLength(output.lines.at(-1)!)).to.be.at.most(longestLine);
        // Writing out 100 MB would take far longer; the rest is room for a busy machine.
        expect(elapsed).to.be.below(250);
      });
    }

    it('a message, and keeps what goes with it', async () => {
      const { logger, output, last } = await loggerFixture();

      logger.error('m'.repeat(1_000_000), new Error('important'));

      expect(last().message).to.match(/m… \d+ more characters$/);
      expect(last()['error']).to.include({ message: 'important' });
      expect(output.text.length).to.be.at.most(longestLine);
    });

    it('what children add, however many there are', async () => {
      const { logger, output, last } = await loggerFixture();
      let child = logger.child({});
      for (let i = 0; i < 100; i++) child = child.child({ [`f${i}`]: 'x'.repeat(5_000) });

      child.info('still there', { text: 'y'.repeat(100_000) });

      expect(last().message).to.equal('still there');
      expect(Buffer.byteLength(output.text)).to.be.at.most(longestLine);
    });
  });

  it('writes one valid JSON line of at most 64 KiB for anything', async () => {
    const { logger, output } = await loggerFixture({ secrets: ['fc-secret'] });
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
      withObjectString: true,
    });

    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anything, anything, (message, first, second) => {
        output.text = '';
        logger.child({ first }).info(message, second as never);

        const line = JSON.parse(output.text) as Record<string, unknown>;
        expect(output.lines).to.have.length(1);
        expect(line).to.include({ level: 'info', message });
      }),
      { numRuns: 300 },
    );
  });

  it('lets no message forge a line or move the cursor', async () => {
    const evil = 'a\r\n{"level":"info"}\u001b[2J\u009b1A\u2028b\u202ec\u0000';
    for (const mode of ['production', 'development'] as const) {
      const { logger, output } = await loggerFixture({ mode });

      logger.child({ [evil]: evil }).info(evil, { [evil]: { [evil]: evil }, [`${evil}2`]: evil });

      expect(output.lines).to.have.length(1);
      // oxlint-disable-next-line no-control-regex -- none may be left
      expect(output.lines[0]).not.to.match(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202e]/);
    }
  });

  it('keeps a message with control characters as it was, for who reads the JSON', async () => {
    const { logger, last } = await loggerFixture();

    logger.info('a\r\nb\u0085\u2028', { text: '\u001b' });

    expect(last()).to.include({ message: 'a\r\nb\u0085\u2028', text: '\u001b' });
  });
});
