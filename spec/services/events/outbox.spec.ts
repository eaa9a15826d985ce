import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DatabaseService } from '../../../lib/api/database-service.js';
import { until } from '../../faults/harness/until.js';
import { startEvents, subscriber } from './events-fixture.js';
import { outboxOn } from './outbox-suite.js';
import { StoringPlugin } from './storing-plugin.js';
import { changed } from './topics.js';

outboxOn('SQLite in memory', async () => ({ config: {}, [Symbol.asyncDispose]: async () => {} }));
outboxOn('SQLite in files', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
  return {
    config: { connection: { directory } },
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
  };
});

describe('a row of the outbox of SQLite that has bytes in it', () => {
  it('is the event that they are as text, and else set aside as they are', async () => {
    const got: unknown[] = [];
    const index = { handler: ({ payload }: { payload: unknown }) => got.push(payload) };
    await using backend = await startEvents([StoringPlugin, subscriber('search', { index })]);
    const dataSource = await backend.backend.get(DatabaseService, { pluginId: 'store' }).getDataSource();

    await dataSource.transaction(async manager => {
      await backend.eventsOf('store').publish(changed, { name: 'as bytes' }, { manager });
      await manager.query('UPDATE backplane_outbox SET event = CAST(event AS blob)');
      await manager.query(`INSERT INTO backplane_outbox (event) VALUES (x'41ff0041')`);
    });
    await until('nothing waits', async () => {
      const rows = await dataSource.query<unknown[]>('SELECT seq FROM backplane_outbox');
      return got.length > 0 && rows.length === 0;
    });

    expect(got).to.deep.equal([{ name: 'as bytes', count: 0 }]);
    expect(await dataSource.query('SELECT hex(event) AS event FROM backplane_outbox_refused')).to.deep.equal([
      { event: '41FF0041' },
    ]);
  });
});
