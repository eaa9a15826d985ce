const quote = 0x22;
const backslash = 0x5c;
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const [comma, colon] = [0x2c, 0x3a];

/** Where bytes that are no JSON stop being some. Node says it in words that differ and may repeat the text. */
export function jsonErrorOffset(bytes: Uint8Array): number {
  return new Scanner(bytes).scan();
}

/** As much of a number, or of a word, as is right. */
const beginningOfWord =
  /^(?:t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?|-?(?:(?:0|[1-9]\d*)(?:\.(?:\d+(?:[eE][+-]?\d*)?)?|[eE][+-]?\d*)?)?)/;
const wholeWord = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

const longestWord = 2_000;

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'next';

/** Reads without calling itself, since what it reads may be nested as deep as it is long. */
class Scanner {
  readonly #bytes: Uint8Array;
  /** What is open, by its opening byte. */
  readonly #open: number[] = [];
  #at = 0;
  #expected: Expected = 'value';

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  scan(): number {
    for (;;) {
      while (isBlank(this.#bytes[this.#at])) this.#at++;
      if (this.#at >= this.#bytes.length || !this.#step(this.#bytes[this.#at]!)) return this.#at;
    }
  }

  #step(byte: number): boolean {
    switch (this.#expected) {
      case 'colon':
        return byte === colon && this.#pass('value');
      case 'key':
      case 'key-or-end':
        if (byte === closeBrace && this.#expected === 'key-or-end') return this.#close();
        return byte === quote && this.#string() && this.#expect('colon');
      case 'next':
        return this.#next(byte);
      default:
        return this.#value(byte);
    }
  }

  #next(byte: number): boolean {
    const open = this.#open.at(-1);
    if (byte === comma && open !== undefined) return this.#pass(open === openBrace ? 'key' : 'value');
    if (byte === closeBrace && open === openBrace) return this.#close();
    return byte === closeBracket && open === openBracket && this.#close();
  }

  #value(byte: number): boolean {
    if (byte === openBrace || byte === openBracket) {
      this.#open.push(byte);
      return this.#pass(byte === openBrace ? 'key-or-end' : 'value-or-end');
    }
    if (byte === closeBracket && this.#expected === 'value-or-end') return this.#close();
    return (byte === quote ? this.#string() : this.#word()) && this.#expect('next');
  }

  #close(): boolean {
    this.#open.pop();
    return this.#pass('next');
  }

  #pass(expected: Expected): boolean {
    this.#at++;
    return this.#expect(expected);
  }

  #expect(expected: Expected): true {
    this.#expected = expected;
    return true;
  }

  #string(): boolean {
    for (this.#at++; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at]!;
      if (byte === quote) return this.#pass(this.#expected);
      if (byte < 0x20 || (byte === backslash && !this.#escape())) return false;
    }
    return false;
  }

  #escape(): boolean {
    const [begun] = /^\\(?:["\\/bfnrt]|u[\da-f]{0,4})?/i.exec(this.#text(6))!;
    const isWhole = /^\\(?:["\\/bfnrt]|u.{4})$/.test(begun);
    this.#at += isWhole ? begun.length - 1 : begun.length;
    return isWhole;
  }

  #word(): boolean {
    const [begun] = beginningOfWord.exec(this.#text(lengthOfWord(this.#bytes, this.#at)))!;
    this.#at += begun.length;
    return wholeWord.test(begun);
  }

  #text(length: number): string {
    return Buffer.from(this.#bytes.subarray(this.#at, this.#at + length)).toString('latin1');
  }
}

/** Up to what cannot be part of a word, so that short ones cost no more than they are long. */
function lengthOfWord(bytes: Uint8Array, start: number): number {
  let end = start;
  while (end - start < longestWord && isOfWord(bytes[end])) end++;
  return end - start;
}

function isOfWord(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
