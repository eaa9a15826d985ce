import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord, EventTransport } from '../../../lib/services/events/event-transport.js';
import { invalidEvent } from '../../../lib/services/events/events-errors.js';
import { MemoryTransport } from '../../../lib/services/events/memory-transport.js';
import { until } from '../../faults/harness/until.js';
import type { startOutbox } from './outbox-fixture.js';

/** What holds for events that can never be handed over, whichever database they were published in. */
export function setAsideFrom(start: () => ReturnType<typeof startOutbox>): void {
  it('are set aside where their rows are no events any more, are told of by row, and hold nothing up', async () => {
    await using backend = await start();
    const all = 'SELECT seq, event FROM backplane_outbox ORDER BY seq';
    let rows: { seq: number | string; event: string }[] = [];

    await backend.store.transaction(async manager => {
      for (const name of ['first', 'cut', 'last']) await backend.publish(manager, name, 'k');
      // As somebody does by hand, or a column does that is too short.
      await manager.query(`UPDATE backplane_outbox SET event = substr(event, 1, 100) WHERE event LIKE '%cut%'`);
      for (const event of ['null', 'null', '{"id":"1","topic":"store.changed"}'])
        await manager.query(`INSERT INTO backplane_outbox (event) VALUES ('${event}')`);
      rows = await manager.query(all);
    });
    await backend.store.transaction(manager => backend.publish(manager, 'behind', 'k'));
    await until('the others', () => backend.got.length >= 3);
    const errors = () => backend.logger.entries.filter(({ level }) => level === 'error');
    await until('all are told', () => errors().length >= 4);

    const broken = [rows[1]!, ...rows.slice(3)];
    const kept = await backend.store.query<{ event: string }[]>('SELECT event FROM backplane_outbox_refused');
    const lines = errors().map(({ meta }) => meta);
    expect(await backend.store.query(all)).to.deep.equal([]);
    expect(backend.names()).to.deep.equal(['first', 'last', 'behind']);
    expect(kept.map(({ event }) => event)).to.have.members(broken.map(({ event }) => event));
    expect(lines.map(({ topic }) => topic)).to.deep.equal(['store.changed', undefined, undefined, 'store.changed']);
    for (const [index, { error }] of lines.entries()) {
      expect(error).to.have.property('code', 'BROKEN_OUTBOX_ROW');
      expect(String(error)).to.contain(`row ${broken[index]!.seq} of 'backplane_outbox'`);
      expect(String(error)).to.contain(`in database '${backend.store.driver.database ?? ':memory:'}`);
    }
    expect(backend.metrics.measurements.filter(({ name }) => name === 'events.refused')).to.have.length(4);
  });

  it('arrive out of a row that was set aside, once that is corrected and inserted again', async () => {
    await using backend = await start();
    let sound = '';
    await backend.store.transaction(async manager => {
      await backend.publish(manager, 'corrected', 'k');
      [{ event: sound }] = await manager.query<[{ event: string }]>('SELECT event FROM backplane_outbox');
      await manager.query(`UPDATE backplane_outbox SET event = 'gone'`);
    });
    const refused = (): Promise<{ id: string }[]> => backend.store.query('SELECT id FROM backplane_outbox_refused');
    // The table is made when it is needed.
    await until('it is set aside', async () => (await refused().catch(() => [])).length > 0);
    const [{ id }] = (await refused()) as [{ id: string }];

    await backend.store.transaction(async manager => {
      const event = backend.store.driver.createParameter('event', 0);
      await manager.query(`UPDATE backplane_outbox_refused SET event = ${event} WHERE id = '${id}'`, [sound]);
      await manager.query(
        `INSERT INTO backplane_outbox (event) SELECT event FROM backplane_outbox_refused WHERE id = '${id}'`,
      );
      await manager.query(`DELETE FROM backplane_outbox_refused WHERE id = '${id}'`);
    });
    await until('the event', () => backend.got.length > 0);

    expect(backend.names()).to.deep.equal(['corrected']);
    expect(await refused()).to.deep.equal([]);
  });

  describe('over a transport that refuses some', () => {
    const transport: EventTransport = MemoryTransport.prototype;
    const publish = Reflect.get(transport, 'publish');
    const isPoison = ({ payload }: EventRecord): boolean => payload.includes('poison');
    const refusal = (): Error => invalidEvent('store.changed', 'has 9 bytes too many', 'publish less.');
    let sent: string[];

    beforeEach(() => {
      sent = [];
      transport.publish = async function (this: EventTransport, events) {
        sent.push(...events.map(({ payload }) => (JSON.parse(payload) as { name: string }).name));
        // As NATS does it: each by itself.
        const publishing = events.map(async event => {
          if (isPoison(event)) throw refusal();
          await publish.call(this, [event]);
        });
        return await Promise.allSettled(publishing);
      };
    });
    afterEach(() => {
      transport.publish = publish;
      delete transport.refusalOf;
    });

    it('set those aside, tell of each once, and send the others once, in order', async () => {
      await using backend = await start();
      const names = Array.from({ length: 130 }, (_, n) => (n === 0 || n === 50 ? `poison ${n}` : `${n}`));

      await backend.store.transaction(async manager => {
        for (const name of names) await backend.publish(manager, name, 'k');
      });
      const good = names.filter(name => !name.startsWith('poison'));
      await until('all but two', () => backend.got.length >= good.length);
      await sleep(1_200);

      expect(backend.names()).to.deep.equal(good);
      expect(sent).to.deep.equal(names);
      expect(await backend.store.query('SELECT * FROM backplane_outbox')).to.deep.equal([]);
      const kept = await backend.store.query<{ id: string; event: string; error: string }[]>(
        'SELECT * FROM backplane_outbox_refused',
      );
      expect(kept.map(({ id, event }) => id === (JSON.parse(event) as EventRecord).id)).to.deep.equal([true, true]);
      expect(kept[0]!.error).to.contain('has 9 bytes too many');
      const lines = backend.logger.entries.filter(({ level }) => level === 'error');
      expect(lines.map(({ meta }) => (meta as { topic: string }).topic)).to.deep.equal([
        'store.changed',
        'store.changed',
      ]);
      expect(lines.map(({ meta }) => (meta as { event: string }).event)).to.have.members(kept.map(({ id }) => id));
      expect(backend.metrics.measurements.filter(({ name }) => name === 'events.refused')).to.have.length(2);
    });

    it('are refused at once where the transport knows it already', async () => {
      await using backend = await start();
      transport.refusalOf = event => (isPoison(event) ? refusal() : undefined);

      const error: unknown = await backend.store
        .transaction(manager => backend.publish(manager, 'poison'))
        .catch((e: unknown) => e);

      expect(error).to.have.property('code', 'INVALID_EVENT');
      expect(sent).to.deep.equal([]);
    });
  });
}
