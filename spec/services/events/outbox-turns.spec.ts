import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { until } from '../../faults/harness/until.js';
import type { EventRecord, Publication } from '../../../lib/services/events/event-transport.js';
import { unreachable } from '../../../lib/services/events/events-errors.js';
import { OutboxRelay, type RelayEnd } from '../../../lib/services/events/outbox/outbox-relay.js';
import { OutboxTables } from '../../../lib/services/events/outbox/outbox-tables.js';
import { dataSourceOf, pluginWith, startWith } from '../database/database-fixture.js';

const published: Publication = { status: 'fulfilled', value: undefined };

const event: Omit<EventRecord, 'id'> = {
  topic: 'store.changed',
  source: 'store',
  isPrivate: false,
  payload: 'null',
  metadata: {},
  publishedAt: 0,
};

/** A transport that publishes when it is told to. */
class HeldEnd implements RelayEnd {
  readonly publishTimeout: number;
  readonly isOpen = true;
  readonly calls: string[][] = [];
  readonly warnings: string[] = [];
  answer: (events: readonly EventRecord[]) => Promise<readonly Publication[]> = async events =>
    events.map(() => published);

  constructor(publishTimeout = 10_000) {
    this.publishTimeout = publishTimeout;
  }

  publish(events: readonly EventRecord[]): Promise<readonly Publication[]> {
    this.calls.push(events.map(({ id }) => id));
    return this.answer(events);
  }

  refused(): void {}

  warn(message: string): void {
    this.warnings.push(message);
  }
}

describe('The turn to hand over what transactions have published', () => {
  let folder: string;
  let backends: Awaited<ReturnType<typeof startWith>>[];
  let tables: [OutboxTables, OutboxTables];
  let dataSource: DataSource;

  /** As two instances that share a file. */
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backplane-'));
    const open = () => startWith([pluginWith('one')], { connection: { directory: folder } });
    backends = [await open(), await open()];
    const [first, second] = await Promise.all(backends.map(backend => dataSourceOf(backend, 'one')));
    dataSource = first!;
    tables = [new OutboxTables(first!), new OutboxTables(second!)];
    await tables[0].make();
  });
  afterEach(async () => {
    await Promise.all(backends.map(backend => backend.stop()));
    rmSync(folder, { recursive: true });
  });

  const add = (id: string): Promise<void> => tables[0].add(JSON.stringify({ ...event, id }), dataSource.manager);
  const left = async (): Promise<number> => (await tables[0].first(100)).length;
  const ends = async (): Promise<number> => {
    const [row] = await dataSource.query<{ ends_at: number }[]>('SELECT ends_at FROM backplane_outbox_turn');
    return row!.ends_at;
  };

  it('is of one at a time, until that ends it', async () => {
    const [first, second] = tables;

    const taken = await Promise.all([first.takeTurn('a', 60_000), second.takeTurn('b', 60_000)]);
    const [holder, other] = taken[0] ? ['a', 'b'] : ['b', 'a'];
    const while_ = await second.takeTurn(other, 60_000);
    await first.endTurn(other);
    const afterForeignEnd = await second.takeTurn(other, 60_000);
    await first.endTurn(holder);
    const after = await second.takeTurn(other, 60_000);

    expect(taken.filter(Boolean)).to.have.length(1);
    expect([while_, afterForeignEnd, after]).to.deep.equal([false, false, true]);
  });

  it('is longer for whoever takes it again, and another one’s once it is over', async () => {
    const [first, second] = tables;
    await first.takeTurn('a', 60_000);
    const before = await ends();

    const renewed = await first.takeTurn('a', 120_000);
    const later = await ends();
    await dataSource.query('UPDATE backplane_outbox_turn SET ends_at = 1');
    const taken = await second.takeTurn('b', 60_000);
    const again = await first.takeTurn('a', 60_000);

    expect(later - before).to.be.at.least(60_000);
    expect([renewed, taken, again]).to.deep.equal([true, true, false]);
  });

  it('is renewed for as long as something is being handed over, so that nobody else does', async () => {
    // A turn of 5 s is renewed each 1.7 s.
    const [slow, other] = [new HeldEnd(0), new HeldEnd(0)];
    let publish = (): void => {};
    slow.answer = events => new Promise(resolve => (publish = () => resolve(events.map(() => published))));
    await add('1');
    const relay = new OutboxRelay(tables[0], slow);
    await until('the first', () => slow.calls.length === 1);
    const impatient = new OutboxRelay(tables[1], other);
    const before = await ends();

    await until('a renewal', async () => (await ends()) > before);
    const meanwhile = other.calls.length;
    publish();
    await until('nothing is left', async () => (await left()) === 0);
    await Promise.all([relay.close(), impatient.close()]);

    expect(meanwhile).to.equal(0);
    expect([slow.calls, other.calls]).to.deep.equal([[['1']], []]);
  });

  it('that is over once the rows are read is taken again first, and the rows read anew', async () => {
    const steps: string[] = [];
    // A turn of 100 ms.
    const end = new HeldEnd(-4_900);
    end.answer = async events => {
      steps.push('publish');
      return events.map(() => published);
    };
    const [read, own] = [tables[0].first.bind(tables[0]), tables[0]];
    own.first = async count => {
      const rows = await read(count);
      if (count === 1) return rows;
      steps.push('read');
      // As a process that is stopped for longer than its turn.
      if (steps.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
      return rows;
    };
    await add('1');

    const relay = new OutboxRelay(own, end);
    await until('the event', () => steps.includes('publish'));
    await relay.close();

    expect(steps.indexOf('publish')).to.be.at.least(2);
  });

  it('of somebody who fails is ended when that closes, so that another one goes on at once', async () => {
    const [failing, other] = [new HeldEnd(), new HeldEnd()];
    failing.answer = async events =>
      events.map(() => ({ status: 'rejected', reason: unreachable('nobody', undefined) }));
    await add('1');
    const relay = new OutboxRelay(tables[0], failing);
    await until('the warning', () => failing.warnings.length > 0);
    await relay.close();

    const next = new OutboxRelay(tables[1], other);
    await until('nothing is left', async () => (await left()) === 0);
    await next.close();

    expect(other.calls).to.deep.equal([['1']]);
  });
});
