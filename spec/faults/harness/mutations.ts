/** Numbers that are the same for the same seed, from 0 up to, and without, 1. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What has broken servers before, in places where nobody expects it. */
const tokens = [
  '\0', '\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', '\x0b', '\x7f', '\xff', '%00', '%zz', '%2f', '%2e%2e', '%c0%ae', '/../', '//',
  ';', '\\', '?', '#', '@', ':', ',', '"', "'", '<', '{', '}', '[]', '*', '0', '-1', '1e9', '0x10', '99999999999999999999',
  'NaN', 'null', 'undefined', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'chunked', 'gzip', 'identity',
  'close', 'keep-alive', 'upgrade', 'websocket', '100-continue', 'bytes=0-,0-', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n', 'Host: evil.example\r\n', 'Expect: 100-continue\r\n', 'Upgrade: h2c\r\n',
  'Accept-Encoding: gzip;q=1e999, *;q=0\r\n', 'Origin: null\r\n', 'Forwarded: for="[::1"\r\n', 'X-Forwarded-For: ,,,\r\n',
  'Access-Control-Request-Method: PUT\r\n', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT', '\ud83d\ude00',
  'a'.repeat(3_000), '{'.repeat(500), '%41'.repeat(300),
]; // prettier-ignore

/** `text`, changed in one to six places. */
export function mutated(text: string, others: readonly string[], random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  let result = text;
  for (let count = 1 + below(6); count > 0; count--) {
    const at = below(result.length + 1);
    const to = Math.min(result.length, at + 1 + below(random() < 0.2 ? 200 : 8));
    switch (below(8)) {
      case 0:
        result = result.slice(0, at) + String.fromCharCode(below(256)) + result.slice(at + 1);
        break;
      case 1:
        result = result.slice(0, at) + pick(tokens) + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + pick(tokens) + result.slice(to);
        break;
      case 3:
        result = result.slice(0, at) + result.slice(to);
        break;
      case 4:
        result = result.slice(0, to) + result.slice(at, to).repeat(1 + below(20)) + result.slice(to);
        break;
      case 5:
        result = swapLines(result, below);
        break;
      case 6: {
        const other = pick(others);
        result = result.slice(0, at) + other.slice(below(other.length));
        break;
      }
      default:
        result = result.replaceAll(/\d+/g, number => (random() < 0.3 ? pick(['0', '-1', '1e9', '65536', '']) : number));
    }
  }
  return result.slice(0, 60_000);
}

function swapLines(text: string, below: (limit: number) => number): string {
  const lines = text.split('\r\n');
  const [a, b] = [below(lines.length), below(lines.length)];
  [lines[a], lines[b]] = [lines[b]!, lines[a]!];
  return lines.join('\r\n');
}
