import { expect } from 'chai';
import { atOnce } from './harness/at-once.js';
import { type ChildBackend, spawnBackend } from './harness/child-backend.js';
import { nightly } from './harness/nightly.js';
import { rawHttp } from './harness/raw-http.js';
import { until } from './harness/until.js';

const size = 20 * 1024 * 1024;
/** In a second. */
const rate = 5 * 1024 * 1024;
const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** Waits until that many answers have begun. */
const asked = ({ log }: ChildBackend, count: number) =>
  until(`${count} requests`, () => log.messages().filter(message => message === 'long: asked').length === count);

/** Bytes of the body of an answer with a length, and what that length is. */
function bodyOf(bytes: Buffer): { received: number; announced: number } {
  const head = bytes.indexOf('\r\n\r\n');
  const announced = Number(/content-length: (\d+)/i.exec(bytes.subarray(0, head).toString())?.[1]);
  return { received: bytes.length - head - 4, announced };
}

describe('A stop while a long answer is read', () => {
  it('R34: lets a slow reader have all of it', async () => {
    await using child = await spawnBackend('long-answers');
    const reading = Array.from({ length: nightly(1, 10) }, () => rawHttp(child.at, ask('/api/long/file'), { rate }));
    await asked(child, reading.length);

    child.kill('SIGTERM');
    const [answers, exit] = await Promise.all([Promise.all(reading), child.exit()]);

    for (const { bytes, end } of answers) {
      expect(bodyOf(bytes)).to.deep.equal({ received: size, announced: size });
      expect(end).to.equal('fin');
    }
    expect(exit.code).to.equal(0);
    expect(exit.at - Math.max(...answers.map(({ at }) => at))).to.be.below(atOnce);
  });

  for (const path of ['/api/long/file', '/api/long/stream']) {
    it(`R34: resets ${path} at the deadline, so that nobody takes what came for all`, async () => {
      await using child = await spawnBackend('long-answers', { backend: { lifecycle: { drainTimeout: 1_500 } } });
      const reading = rawHttp(child.at, ask(path), { rate });
      await asked(child, 1);

      const stopped = child.kill('SIGTERM');
      const [{ bytes, end, at }, exit] = await Promise.all([reading, child.exit()]);

      expect(bytes.length).to.be.below(size);
      expect(end).to.equal('reset');
      expect(at - stopped).to.be.within(1_000, 1_500 + atOnce);
      expect(exit.code).to.equal(1);
      expect(child.stderr).to.include('[DRAIN_TIMEOUT]').and.to.include("1 of plugin 'long'");
    });
  }

  it('R35: tells readers of an event stream to come back, and ends it at once', async () => {
    await using child = await spawnBackend('long-answers');
    const streams = Array.from({ length: 10 }, () => rawHttp(child.at, ask('/api/long/events')));
    await asked(child, streams.length);

    const stopped = child.kill('SIGTERM');
    const [ended, exit] = await Promise.all([Promise.all(streams), child.exit()]);

    for (const { bytes, end, at } of ended) {
      expect(end).to.equal('fin');
      expect(at - stopped).to.be.below(atOnce);
      expect(bytes.toString()).to.match(/\nretry: \d+\n/);
    }
    expect(exit.code).to.equal(0);
  });
});
