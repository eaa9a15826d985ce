import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterCheck } from './harness/after-check.js';
import { spawnBackend } from './harness/child-backend.js';
import { mutated, randomOf } from './harness/mutations.js';
import { nightly } from './harness/nightly.js';

const headers = [
  'Accept: */*',
  'Accept-Encoding: gzip, br;q=0.5',
  'Cookie: a=b; c=d',
  'Origin: https://a.good.com',
  'Authorization: Bearer abc.def.ghi',
  'X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nX-Forwarded-Proto: https',
  'Forwarded: for=10.0.0.1;proto=https;host="a.example"',
  'If-None-Match: "long", W/"a"',
  'Range: bytes=0-10,20-30',
  'X-Request-Id: abc-1',
  'Connection: keep-alive',
];

const targets = [
  'GET /api/fuzzed/fixed',
  'GET /api/fuzzed/entities/component/%40koa%2Frouter?a=1&b=%C3%B6',
  'HEAD /api/fuzzed/long',
  'GET /api/fuzzed/long',
  'GET /api/fuzzed/guarded',
  'GET /api/fuzzed/around',
  'OPTIONS /api/fuzzed/json',
  'GET /.backplane/health/v1/liveness',
  'GET /nothing/here',
];

const bodies: [string, string][] = [
  ['POST /api/fuzzed/json', '{"a":[1,2,{"b":"c"}],"d":null}'],
  ['PUT /api/fuzzed/text/name', 'some text\r\nin lines'],
];

/** Thirty requests that nothing is wrong with. */
const good: readonly string[] = [
  ...targets.flatMap((target, n) =>
    [0, 1].map(more => `${target} HTTP/1.1\r\nHost: localhost\r\n${headers[(n + more * 5) % headers.length]}\r\n\r\n`),
  ),
  ...bodies.flatMap(([target, body], n) => [
    `${target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `${target} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n${headers[n]}\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    `${target} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `${target} HTTP/1.0\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ]),
  `OPTIONS /api/fuzzed/json HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.good.com\r\nAccess-Control-Request-Method: POST\r\n\r\n`,
  `GET /api/fuzzed/fixed HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api/fuzzed/long HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /api/fuzzed/fixed HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  `DELETE /api/fuzzed/fixed HTTP/1.1\r\nHost: localhost:7007\r\n\r\n`,
];

/** All that comes back, or nothing where the connection is still open after the time. */
function send(port: number, bytes: string, timeout: number): Promise<string | undefined> {
  return new Promise(resolve => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const late = setTimeout(() => settle(undefined), timeout);
    const settle = (answer: string | undefined) => {
      clearTimeout(late);
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => settle(text));
    socket.on('end', () => settle(text));
    socket.end(bytes, 'latin1');
  });
}

function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;
}

describe('Random bytes that begin as requests', () => {
  it('are good before they are changed', async () => {
    await using child = await spawnBackend('fuzzed');

    for (const bytes of good) {
      const answer = await send(child.at, bytes, 2_000);

      expect(answer, bytes).to.match(/^HTTP\/1\.1 [1234]\d\d /);
      expect(answer, bytes).not.to.contain('"bad_request"');
    }
  });

  it('S115: crash nothing, fail nothing, hang nothing and leave nothing behind', async function () {
    const count = nightly(5_000, 100_000);
    this.timeout(nightly(60_000, 600_000));
    await using child = await spawnBackend('fuzzed', { backend: { requestLog: false } });
    const pid = child.pid;
    const first = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
    const bad: string[] = [];
    let next = 0;
    let resident = 0;
    const attack = async () => {
      while (next < count) {
        const seed = first + next++;
        const random = randomOf(seed);
        const bytes = mutated(good[Math.floor(random() * good.length)]!, good, random);
        const answer = await send(child.at, bytes, 1_500);
        if (answer === undefined) bad.push(`FUZZ_SEED=${seed} hangs: ${JSON.stringify(bytes.slice(0, 2_000))}`);
        else if (/^HTTP\/1\.1 5\d\d /m.test(answer))
          bad.push(`FUZZ_SEED=${seed} fails: ${JSON.stringify(bytes.slice(0, 2_000))}`);
        if (next === Math.floor(count / 2)) resident = residentOf(pid);
      }
    };

    await Promise.all(Array.from({ length: 16 }, attack));

    expect(bad, `of the seeds from ${first} on`).to.deep.equal([]);
    expect(child.log.of('error').map(line => line.message)).to.deep.equal([]);
    expect(residentOf(pid)).to.be.below(resident + 40);
    await afterCheck(child);
  });
});
