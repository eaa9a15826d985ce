import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import type { JsonObject } from '../../lib/api/config-service.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { override } from '../../lib/testing/override.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { type TestDatabase, TestDatabases, type TestDatabaseId } from '../../lib/testing/test-databases.js';
import { dataSourceOf, Item, pluginWith } from '../services/database/database-fixture.js';

const roleSecret = 'what nobody can guess';

/** Each names the table of plugin `one` as a statement of another could. */
const clients: readonly { id: TestDatabaseId; title: string; config: JsonObject; table: (prefix: string) => string }[] =
  [
    { id: 'pglite', title: 'PGlite', config: {}, table: () => 'one.items' },
    {
      id: 'postgres-schemas',
      title: 'PostgreSQL in schemas',
      config: { ownRoles: true },
      table: () => 'one.items',
    },
    {
      id: 'postgres-databases',
      title: 'PostgreSQL in databases',
      config: { ownRoles: true, roleSecret },
      table: prefix => `"${prefix}one".public.items`,
    },
    { id: 'mysql', title: 'MySQL', config: { ownRoles: true, roleSecret }, table: prefix => `\`${prefix}one\`.items` },
  ];

const databases = await TestDatabases.create({ ids: clients.map(({ id }) => id) });
const plugins = ['one', 'two', 'one-more'].map(id => pluginWith(id, { entities: [Item] }));

interface Started extends AsyncDisposable {
  readonly one: DataSource;
  readonly two: DataSource;
  readonly warnings: readonly string[];
}

async function start(database: JsonObject): Promise<Started> {
  const logger = mockServices.logger();
  const backend = await TestBackend.start({
    features: plugins,
    overrides: [override(LoggerService).withValue(logger)],
    config: { backend: { database } },
  });
  const [one, two] = [await dataSourceOf(backend, 'one'), await dataSourceOf(backend, 'two')];
  await dataSourceOf(backend, 'one-more');
  return {
    one,
    two,
    get warnings() {
      return logger.entries.filter(({ level }) => level === 'warn').map(({ message }) => message);
    },
    [Symbol.asyncDispose]: () => backend.stop(),
  };
}

const prefixOf = ({ config }: TestDatabase): string => (config['prefix'] as string | undefined) ?? '';

const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it was let in',
    (error: Error) => error.message,
  );

describe('what plugins store side by side', () => {
  after(() => databases[Symbol.asyncDispose]());

  for (const { id, title, config, table } of clients) {
    describe(`on ${title}, with roles of their own`, () => {
      before(function () {
        if (!databases.supports(id)) this.skip();
      });

      it('I19 is refused to raw SQL of another plugin, and nobody is warned', async () => {
        await using place = await databases.init(id);
        await using started = await start({ ...place.config, ...config });
        const { one, two, warnings } = started;
        await one.getRepository(Item).insert({ name: 'of one' });
        const target = table(prefixOf(place));
        // Connections go from hand to hand.
        await Promise.all([1, 2, 3, 4].map(() => one.query('SELECT 1')));

        const refusals = await Promise.all(
          [`SELECT * FROM ${target}`, `DELETE FROM ${target}`, `DROP TABLE ${target}`].map(sql =>
            refusalOf(two.query(sql)),
          ),
        );

        for (const refusal of refusals) {
          expect(refusal).to.match(/permission denied|command denied|cross-database|must be owner/i);
        }
        expect(await one.getRepository(Item).count()).to.equal(1);
        expect(warnings).to.deep.equal([]);
      });

      it('is there again for the next backend, whose roles are the same', async () => {
        await using place = await databases.init(id);
        const database = { ...place.config, ...config };
        await using first = await start(database);
        await first.one.getRepository(Item).insert({ name: 'kept' });
        await first[Symbol.asyncDispose]();

        await using second = await start(database);

        expect(await second.one.getRepository(Item).count()).to.equal(1);
      });
    });
  }

  for (const id of ['postgres-schemas', 'mysql'] as const) {
    it(`I20 on ${id} is said to be open to the other plugins where all log in as the same`, async function () {
      if (!databases.supports(id)) this.skip();
      await using place = await databases.init(id);
      await using started = await start(place.config);

      expect(started.warnings).to.have.length(1);
      expect(started.warnings[0]).to.contain('ownRoles');
    });
  }

  it('is not opened by a name that is a pattern', async function () {
    if (!databases.supports('mysql')) this.skip();
    await using place = await databases.init('mysql');
    await using started = await start({ ...place.config, ownRoles: true, roleSecret });
    const own = `${prefixOf(place)}one`;
    const alike = own.replaceAll('_', 'x');

    const refusal = await refusalOf(started.one.query(`CREATE DATABASE \`${alike}\``));

    expect(refusal).to.match(/denied/i);
  });

  it('is not open to other roles that log in to the server', async function () {
    if (!databases.supports('postgres-databases')) this.skip();
    await using place = await databases.init('postgres-databases');
    await using started = await start({ ...place.config, ownRoles: true, roleSecret });
    const [row] = (await started.two.query(
      `SELECT has_database_privilege(current_user, '${prefixOf(place)}one', 'CONNECT') AS open,
      current_user = session_user AS "loggedIn"`,
    )) as unknown[];

    expect(row).to.deep.equal({ open: false, loggedIn: true });
  });
});
