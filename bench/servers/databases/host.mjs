// Opens a database for each of 100 plugins, with three tables each, and says what that has taken: <settings as JSON>
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Backend, DatabaseService, Inject, Plugin } from '../../../dist/bundle/index.js';

const database = JSON.parse(process.argv[2]);
const count = 100;

/** A plugin with three tables of its own. */
function pluginOf(pluginId) {
  const entities = ['components', 'versions', 'owners'].map(entityOf);
  class StoringPlugin {
    constructor(databases) {
      opened.push({ entities, open: () => databases.getDataSource() });
    }
    init() {}
  }
  Inject(DatabaseService)(StoringPlugin, undefined, 0);
  Plugin({ pluginId, entities })(StoringPlugin);
  return StoringPlugin;
}

function entityOf(table) {
  class Row {}
  PrimaryGeneratedColumn()(Row.prototype, 'id');
  for (const column of ['name', 'kind', 'text']) Column('varchar', { nullable: true })(Row.prototype, column);
  Column('integer')(Row.prototype, 'number');
  Index(['name'])(Row);
  Entity(table)(Row);
  return Row;
}

const opened = [];
const ids = ['first', ...Array.from({ length: count }, (_, index) => `plugin-${index}`)];
const backend = await Backend.start({
  features: ids.map(pluginOf),
  config: { backend: { listen: { host: '127.0.0.1', port: 0 }, database: { ...database, synchronize: true } } },
  host: false,
});

// What is loaded once is not what a plugin costs.
const [first, ...rest] = opened;
await first.open();
const begin = performance.now();
const sources = await Promise.all(rest.map(({ open }) => open()));
const milliseconds = (performance.now() - begin) / count;
process.send({ milliseconds });

process.on('message', async () => {
  const rows = Array.from({ length: 5 }, (_, number) => ({ number, name: `row ${number}` }));
  await Promise.all(
    sources.flatMap((source, index) => rows.map(row => source.getRepository(rest[index].entities[0]).insert(row))),
  );
  const counts = await Promise.all(
    sources.map((source, index) => source.getRepository(rest[index].entities[0]).count()),
  );
  process.send({ rows: counts.reduce((sum, one) => sum + one, 0) });
  await backend.stop();
});
