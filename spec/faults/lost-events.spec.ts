import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../lib/api/config-service.js';
import { dataSourceOf, pluginWith, startWith } from '../services/database/database-fixture.js';
import { startEvents, StorePlugin } from '../services/events/events-fixture.js';
import { changed } from '../services/events/topics.js';
import { ChildBackend } from './harness/child-backend.js';
import { NatsPlace } from './harness/nats.js';
import { PostgresPlace } from './harness/postgres.js';
import { type ServerId, uses } from './harness/servers.js';
import { until } from './harness/until.js';

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

describe('events by PostgreSQL whose consumer is stopped for longer than its lease', function () {
  this.timeout(120_000);
  uses('postgres');

  it('are taken over, in order, and what it does later changes nothing', async () => {
    const [count, more] = [1_000, 100];
    using lines = new Lines();
    await using place = await PostgresPlace.create();
    const events = { transport: 'postgres', connection: place.url, postgres: { lease: '1s', pollInterval: '100ms' } };
    const spawn = () =>
      new ChildBackend('handling', { env: { HANDLED: lines.path }, backend: { events, database: {} } });
    await using backend = await startEvents([StorePlugin], { events });
    await using first = await spawn().started(60_000);
    const publisher = backend.eventsOf('store');
    const publish = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n += keys) {
        const some = Array.from({ length: keys }, (_, key) => key);
        await Promise.all(
          some.map(key => publisher.publish(changed, { name: 'n', count: n / keys }, { key: `k${key}` })),
        );
      }
    };
    const published = publish(0, count);
    await untilThereAre(lines, 100);

    first.kill('SIGSTOP');
    await using _second = await spawn().started(60_000);
    await published;
    await untilThereAre(lines, count);
    const before = lines.read();
    first.kill('SIGCONT');
    await publish(count, count + more);
    await untilThereAre(lines, count + more);

    for (let k = 0; k < keys; k += 1) {
      const numbers = before.filter(line => line.startsWith(`k${k} `)).map(line => Number(line.split(' ')[1]));
      expect(numbers, `k${k}`).to.deep.equal(numbers.toSorted((a, b) => a - b));
    }
    // What it had begun it ends; everything else is handled once.
    expect(lines.read().length).to.be.at.most(count + more + 50);
  });
});

/** Where events travel, for one test. */
const transports: Readonly<Record<string, () => Promise<AsyncDisposable & { readonly config: JsonObject }>>> = {
  memory: async () => ({ config: {}, [Symbol.asyncDispose]: async () => {} }),
  postgres: async () => {
    const place = await PostgresPlace.create();
    const config = { transport: 'postgres', connection: place.url, postgres: { pollInterval: '100ms' } };
    return { config, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  },
  nats: async () => new NatsPlace(),
};

for (const [transport, open] of Object.entries(transports)) {
  describe(`events of a transaction whose process is killed once it has been committed, by ${transport}`, function () {
    this.timeout(60_000);
    if (transport !== 'memory') uses(transport as ServerId);

    it('are delivered by the next start, in order', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
      try {
        await using place = await open();
        const backend = { database: { connection: { directory }, synchronize: true }, events: place.config };
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

    if (transport === 'memory') return;

    it('are delivered once where they had been handed over already, and the next start does it again', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
      try {
        await using place = await open();
        const database = { connection: { directory }, synchronize: true };
        const backend = { database, events: { ...place.config, publishTimeout: '1s' } };
        await using first = new ChildBackend('outbox', { env: { DIES: 'handed over' }, backend });
        const { signal } = await first.exit();
        await using second = await new ChildBackend('outbox', { backend }).started(30_000);
        await using observer = await startWith([pluginWith('store')], database);
        const store = await dataSourceOf(observer, 'store');
        const left = (): Promise<unknown[]> => store.query('SELECT seq FROM backplane_outbox');
        const before = await left();
        // Once the turn of the first one is over.
        const end = performance.now() + 30_000;
        while ((await left()).length > 0 && performance.now() < end) await sleep(50);
        const handledBy = ({ log }: ChildBackend): readonly string[] => log.text.match(/Handled \d/g) ?? [];
        // The first one may have got some.
        const handled = (): readonly string[] => [...new Set([first, second].flatMap(handledBy))];
        await until('all', () => handled().length === 3);

        expect(signal).to.equal('SIGKILL');
        expect(before).to.have.length(3);
        expect(await left()).to.deep.equal([]);
        expect(handled()).to.deep.equal(['Handled 1', 'Handled 2', 'Handled 3']);
        expect(handledBy(second)).to.deep.equal([...new Set(handledBy(second))]);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  });
}
