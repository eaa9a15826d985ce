import { expect } from 'chai';
import { configProblems } from '../../../lib/api/config-problems.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { readDatabaseSettings, readPluginDatabase } from '../../../lib/services/database/database-settings.js';
import { mockServices } from '../../../lib/testing/mock-services.js';

const configOf = (database: JsonObject) => mockServices.rootConfig({ data: { backend: { database } } });
const read = (database: JsonObject) => readDatabaseSettings(configOf(database));
const problemsIn = (database: JsonObject): string[] =>
  configProblems(configOf(database), readDatabaseSettings).map(({ message }) => message);

describe('backend.database', () => {
  it('is SQLite in memory where nothing is said', () => {
    expect(read({}).base).to.deep.equal({
      client: 'sqlite',
      directory: undefined,
      skipMigrations: false,
      synchronize: undefined,
      queryTimeout: 15_000,
      idleTransactionTimeout: 60_000,
    });
  });

  for (const [what, connection, directory] of [
    ['memory', ':memory:', undefined],
    ['a folder', './data', './data'],
    ['a folder in an object', { directory: './data' }, './data'],
  ] as const) {
    it(`takes ${what} as the connection of SQLite`, () => {
      expect(read({ connection }).base).to.deep.include({ directory });
    });
  }

  it('has a database for each plugin on PostgreSQL, unless schemas are asked for', () => {
    const connection = 'postgres://someone@db.acme.test/all';

    expect(read({ client: 'pg', connection }).base).to.deep.include({
      connection: { connectionString: connection },
      division: 'database',
      prefix: 'backplane_plugin_',
      ensureExists: true,
      poolMax: 10,
    });
    expect(
      read({ client: 'pg', connection, pluginDivisionMode: 'schema', ensureSchemaExists: false, prefix: 'a_' }).base,
    ).to.deep.include({ division: 'schema', prefix: '', ensureExists: false });
  });

  it('lets a plugin complete the connection, and replace what else is said', () => {
    const { plugins, base } = read({
      client: 'pg',
      connection: { host: 'db', user: 'all' },
      queryTimeout: '1s',
      role: 'all',
      plugin: { store: { connection: { user: 'store', database: 'mine' }, role: 'store', pool: { max: 3 } } },
    });

    expect(plugins.get('store')).to.deep.include({
      connection: { host: 'db', user: 'store', database: 'mine' },
      database: 'mine',
      role: 'store',
      poolMax: 3,
      queryTimeout: 1_000,
    });
    expect(base).to.deep.include({ role: 'all', poolMax: 10 });
  });

  it('ignores the connection of others where a plugin has another client', () => {
    const { plugins } = read({
      client: 'pg',
      connection: { host: 'db' },
      plugin: { store: { client: 'sqlite' }, search: { client: 'better-sqlite3', connection: { directory: 'd' } } },
    });

    expect(plugins.get('store')).to.deep.include({ client: 'sqlite', directory: undefined });
    expect(plugins.get('search')).to.deep.include({ client: 'sqlite', directory: 'd' });
  });

  for (const client of ['mysql2', 'mysql', 'mariadb']) {
    it(`has a database for each plugin on MySQL, which is called ${client} as well`, () => {
      const connection = 'mysql://someone:p%40ss@db.acme.test:3307/all';

      expect(read({ client, connection }).base).to.deep.include({
        client: 'mysql2',
        connection: { host: 'db.acme.test', port: 3307, user: 'someone', password: 'p@ss' },
        prefix: 'backplane_plugin_',
        ensureExists: true,
        ownRoles: false,
        poolMax: 10,
      });
    });
  }

  it('has a schema for each plugin on PGlite, in memory or in a folder', () => {
    expect(read({ client: 'pglite', schemaPrefix: 'p_' }).base).to.deep.include({
      client: 'pglite',
      directory: undefined,
      prefix: 'p_',
    });
    expect(read({ client: 'pglite', connection: './data', pluginDivisionMode: 'schema' }).base).to.deep.include({
      directory: './data',
    });
  });

  it('derives the passwords of roles from a secret, or from the password of who makes them', () => {
    const connection = { host: 'db', password: 'of the administrator' };
    const roleSecret = 'what nobody can guess';

    expect(read({ client: 'mysql', connection, ownRoles: true }).base).to.deep.include({
      ownRoles: true,
      roleSecret: 'of the administrator',
    });
    expect(read({ client: 'pg', connection, ownRoles: true, roleSecret }).base).to.deep.include({ roleSecret });
    // A role that is only assumed has no password.
    expect(read({ client: 'pg', ownRoles: true, pluginDivisionMode: 'schema' }).base).to.deep.include({
      ownRoles: true,
      roleSecret: undefined,
    });
  });

  it('lets a plugin name a role where all others have their own', () => {
    const { plugins } = read({
      client: 'pg',
      pluginDivisionMode: 'schema',
      ownRoles: true,
      plugin: { store: { role: 'keeper' } },
    });

    expect(plugins.get('store')).to.deep.include({ role: 'keeper', ownRoles: false });
  });

  it('has nothing of what is meant for another client', () => {
    const { plugins } = read({
      client: 'pg',
      pluginDivisionMode: 'schema',
      role: 'all',
      plugin: { a: { client: 'sqlite' }, b: { client: 'mysql' }, c: { client: 'pglite' } },
    });

    expect([...plugins.values()].map(({ client }) => client)).to.deep.equal(['sqlite', 'mysql2', 'pglite']);
  });

  it('is read for plugins that have nothing of their own as well, whose names may be too long', () => {
    const config = configOf({ client: 'pg' });

    expect(() => readPluginDatabase(config, 'a'.repeat(46))).not.to.throw();
    expect(() => readPluginDatabase(config, 'a'.repeat(47))).to.throw('is too long for plugin');
  });

  for (const [what, database, ...messages] of [
    ['a client nobody knows', { client: 'oracle' }, `'backend.database.client' is 'oracle'`],
    ['a URL for SQLite', { connection: 'postgres://db/a' }, `'backend.database.connection' is no folder`],
    ['a file name', { connection: { filename: 'a' } }, `'backend.database.connection' has 'filename'`],
    ['no folder', { connection: {} }, `'backend.database.connection' names no folder`],
    ['schemas of SQLite', { pluginDivisionMode: 'schema' }, `'backend.database.pluginDivisionMode' is for PostgreSQL`],
    ['a misspelt division', { client: 'pg', pluginDivisionMode: 'table' }, `.pluginDivisionMode' is 'table'`],
    ['another URL', { client: 'pg', connection: 'mysql://db' }, `.connection' is no address of a PostgreSQL server`],
    ['quotes in a prefix', { client: 'pg', prefix: 'a"b' }, `'backend.database.prefix' is 'a"b'`],
    ['a pool of one', { client: 'pg', pool: { max: 1 } }, `'backend.database.pool.max' is 1`],
    [
      'a key nobody knows',
      { plugin: { a: { ensureSchema: true } } },
      `'backend.database.plugin.a.ensureSchema' is not known`,
    ],
    [
      'a misspelt key of a plugin, and what is wrong besides',
      { queryTimeout: 'soon', plugin: { a: { clien: 'pg', client: 'oracle' } } },
      `'backend.database.plugin.a.clien' is not known`,
      `'backend.database.queryTimeout' must be a duration`,
      `'backend.database.plugin.a.client' is 'oracle'`,
    ],
    ['a plugin that is no section', { plugin: { a: true } }, `'backend.database.plugin.a' is no section`],
    ['plugins that are no section', { plugin: [] }, `'backend.database.plugin' is no section`],
    [
      'a name that is too long',
      { client: 'pg', plugin: { ['a'.repeat(50)]: { role: 'r' } } },
      `'backend.database.prefix' is too long for plugin`,
    ],
    ['schemas of MySQL', { client: 'mysql', pluginDivisionMode: 'schema' }, `.pluginDivisionMode' is for PostgreSQL`],
    ['databases of PGlite', { client: 'pglite', pluginDivisionMode: 'database' }, `.pluginDivisionMode' is 'database'`],
    ['a role of MySQL', { client: 'mysql', role: 'r' }, `'backend.database.role' is for PostgreSQL`],
    ['the URL of another server', { client: 'mysql', connection: 'postgres://db' }, `is no address of a MySQL server`],
    [
      'options of the driver',
      { client: 'mysql', connection: { host: 'db', multipleStatements: true } },
      `.connection' has 'multipleStatements'`,
    ],
    [
      'options in an address',
      { client: 'mysql', connection: 'mysql://db/?flags=MULTI_STATEMENTS' },
      `.connection' has 'flags=MULTI_STATEMENTS'`,
    ],
    [
      'a database of the server itself',
      { client: 'mysql', plugin: { a: { connection: { database: 'MySQL' } } } },
      `gives plugin 'a' a database of the server itself`,
    ],
    ['roles without a secret', { client: 'mysql', ownRoles: true }, `.ownRoles' has nothing to derive passwords from`],
    ['a secret that is short', { client: 'mysql', roleSecret: 'abc' }, `.roleSecret' is shorter than 16 characters`],
    [
      'one role for all, and one for each',
      { client: 'pg', pluginDivisionMode: 'schema', role: 'r', ownRoles: true },
      `.role' is for all plugins`,
    ],
    ['two mistakes', { client: 'pg', pool: { max: 0 }, prefix: 'A' }, `.prefix' is 'A'`, `.pool.max' is 0`],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const problems = problemsIn(database as unknown as JsonObject);

      expect(problems).to.have.length(messages.length);
      problems.forEach((problem, index) => expect(problem).to.contain(messages[index]));
    });
  }
});
