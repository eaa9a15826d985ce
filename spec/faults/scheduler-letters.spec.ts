import { expect } from 'chai';
import { startTasks } from '../services/scheduler/scheduler-fixture.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

describe('global tasks whose database does not know every letter', () => {
  uses('postgres');

  it('keep why one of them failed without those it cannot hold, and all go on', async () => {
    await using place = await PostgresPlace.create();
    const name = `${place.name}_latin`;
    await place.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`);
    const connection = Object.assign(new URL(place.url), { pathname: `/${name}` }).href;
    let runs = 0;
    await using backend = await startTasks(
      [
        [{ id: 'fail', manual: true }, () => Promise.reject(new Error('Kein Größeres 🔥 für Łódź'))],
        [{ id: 'work', manual: true }, () => void runs++],
      ],
      { backend: { database: { ...place.schemas, connection } }, realTime: true },
    );
    const { scheduler } = backend;

    await scheduler.triggerTask('fail');
    await until('its end', async () => (await scheduler.getHistory('fail'))[0]?.outcome === 'failed');
    await scheduler.triggerTask('work');
    await until('another run', () => runs === 1);

    expect((await scheduler.getHistory('fail'))[0]!.error).to.equal('Kein Gr??eres ? f?r ??d?');
  });
});
