import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../lib/api/config-service.js';
import { startEvents, StorePlugin } from '../services/events/events-fixture.js';
import { changed } from '../services/events/topics.js';
import { ChildBackend } from './harness/child-backend.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

const total = 10_000;
const keys = 100;

/** A file that another process writes lines to. */
class Lines implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'backplane-'));
  readonly path = join(this.#folder, 'handled');

  constructor() {
    writeFileSync(this.path, '');
  }

  read(): string[] {
    return readFileSync(this.path, 'utf8').split('\n').slice(0, -1);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

async function untilThereAre(lines: Lines, count: number, deadline = performance.now() + 200_000): Promise<void> {
  while (new Set(lines.read()).size < count) {
    if (performance.now() > deadline) throw new Error(`only ${new Set(lines.read()).size} of ${count} were handled`);
    await sleep(50);
  }
}

/** Publishes while consumers are killed, and says what was handled. */
async function handledOf(events: JsonObject): Promise<readonly string[]> {
  using lines = new Lines();
  const spawn = () => new ChildBackend('handling', { env: { HANDLED: lines.path }, backend: { events, database: {} } });
  await using backend = await startEvents([StorePlugin], { events });
  const publisher = backend.eventsOf('store');
  // From now on the group is known.
  let consumer = await spawn().started(60_000);
  try {
    const published = (async () => {
      for (let n = 0; n < total; n += 100) {
        const some = Array.from({ length: 100 }, (_, index) => n + index);
        await Promise.all(
          some.map(m =>
            publisher.publish(changed, { name: 'n', count: Math.floor(m / keys) }, { key: `k${m % keys}` }),
          ),
        );
      }
    })();
    for (const count of [500, 2_000, 5_000]) {
      await untilThereAre(lines, count);
      consumer.kill('SIGKILL');
      await consumer.exit();
      await consumer[Symbol.asyncDispose]();
      consumer = spawn();
    }
    await published;
    await untilThereAre(lines, total);
    return lines.read();
  } finally {
    await consumer[Symbol.asyncDispose]();
  }
}

describe('10,000 events whose consumer is killed three times', function () {
  this.timeout(300_000);

  describe('on PostgreSQL', () => {
    uses('postgres');

    it('are each handled at least once, and those of one key in order', async () => {
      await using place = await PostgresPlace.create();
      const postgres = { lease: '1s', pollInterval: '200ms' };

      const handled = await handledOf({ transport: 'postgres', connection: place.url, postgres });

      expect(new Set(handled).size).to.equal(total);
      for (let k = 0; k < keys; k += 1) {
        const numbers = handled.filter(line => line.startsWith(`k${k} `)).map(line => Number(line.split(' ')[1]));
        expect(numbers, `k${k}`).to.deep.equal(numbers.toSorted((a, b) => a - b));
      }
    });
  });
});

describe('events of a transaction whose process is killed once it has been committed', function () {
  this.timeout(60_000);

  it('are delivered by the next start, in order, although they travel in memory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
    try {
      const backend = { database: { connection: { directory }, synchronize: true } };
      await using first = new ChildBackend('outbox', { env: { DIES: 'yes' }, backend });
      const { signal } = await first.exit();
      await using second = await new ChildBackend('outbox', { backend }).started(30_000);
      await second.line(({ message }) => message === 'Handled 3', 30_000);

      expect(signal).to.equal('SIGKILL');
      expect(first.log.text).not.to.contain('Handled');
      expect(second.log.text.match(/Handled \d/g)).to.deep.equal(['Handled 1', 'Handled 2', 'Handled 3']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
