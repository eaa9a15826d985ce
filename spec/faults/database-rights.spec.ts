import { expect } from 'chai';
import type { JsonObject } from '../../lib/api/config-service.js';
import type { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { connectMysql } from '../../lib/testing/test-server.js';
import { pluginWith, startWith } from '../services/database/database-fixture.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses, urlOf } from './harness/servers.js';

const password = 'hunter2-hunter2-hunter2';

/** What is said of a start as somebody with hardly a right, which has to tell no password. */
async function refusal(database: JsonObject): Promise<string> {
  const started = startWith([pluginWith('store')], database).then(backend => backend.stop());
  const { problems } = (await started.catch((error: unknown) => error)) as BackendStartupError;
  const cause = problems[0]!.cause as Error;
  expect(cause).to.have.property('code', 'DATABASE_UNREACHABLE');
  expect(cause.message).not.to.contain(password);
  return cause.message;
}

describe('a user of PostgreSQL without the right', () => {
  uses('postgres');

  async function openTo(user: string): Promise<PostgresPlace> {
    const place = await PostgresPlace.create();
    await place.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`);
    return place;
  }

  async function leave(place: PostgresPlace, user: string): Promise<void> {
    await place[Symbol.asyncDispose]();
    const admin = await PostgresPlace.create();
    const left = await admin.query(`SELECT rolname FROM pg_roles WHERE rolname LIKE 'plugin:${place.name}%'`);
    for (const { rolname } of left) await admin.query(`DROP ROLE "${String(rolname)}"`);
    await admin.query(`DROP ROLE ${user}`);
    await admin[Symbol.asyncDispose]();
  }

  for (const [what, division, ownRoles, grant] of [
    [
      'to make schemas',
      'schema',
      false,
      (user: string, name: string) => `GRANT CREATE ON DATABASE "${name}" TO "${user}"`,
    ],
    ['to make databases', 'database', false, (user: string) => `ALTER ROLE "${user}" CREATEDB`],
    ['to make roles', 'database', true, (user: string) => `ALTER ROLE "${user}" CREATEROLE`],
  ] as const) {
    it(`${what} is told how to get it, and starts with it`, async () => {
      const user = `backplane_test_${Math.random().toString(36).slice(2)}`;
      const place = await openTo(user);
      try {
        const connection = Object.assign(new URL(place.url), { username: user, password }).href;
        const prefix = `${place.name}_`;
        const database = {
          client: 'pg',
          connection,
          pluginDivisionMode: division,
          ownRoles,
          ...(division === 'database' && { prefix }),
        };

        const message = await refusal(database);
        const advice = grant(user, place.name);
        await place.query(advice);
        if (ownRoles) await place.query(`ALTER ROLE "${user}" CREATEDB`);
        await (await startWith([pluginWith('store')], database)).stop();

        expect(message).to.contain(advice);
      } finally {
        await leave(place, user);
      }
    });
  }

  it('is told how to make a database that all share, where it is not there', async () => {
    const connection = Object.assign(urlOf('postgres'), { pathname: '/no_such_portal', password }).href;

    const message = await refusal({ client: 'pg', connection, pluginDivisionMode: 'schema' });

    expect(message).to.contain('CREATE DATABASE "no_such_portal"');
  });
});

describe('a user of MySQL without the right', () => {
  uses('mysql');

  for (const ownRoles of [false, true]) {
    it(`to make ${ownRoles ? 'users' : 'databases'} is told how to get it, and starts with it`, async () => {
      // So short that the name of the plugin's own user says whose it is.
      const name = `test_${Math.random().toString(36).slice(2, 12)}`;
      const admin = await connectMysql();
      const pattern = `${name}_store`.replaceAll('_', String.raw`\_`);
      const user = `'${name}'@'127.0.0.1'`;
      await admin.query(`CREATE USER ${user} IDENTIFIED BY '${password}'`);
      try {
        const connection = Object.assign(urlOf('mysql'), { username: name, password }).href;
        const database = { client: 'mysql2', connection, prefix: `${name}_`, ownRoles };
        if (ownRoles) await admin.query(`GRANT ALL PRIVILEGES ON \`${pattern}\`.* TO ${user}`);

        const message = await refusal(database);
        const advice = ownRoles
          ? [
              `GRANT CREATE USER ON *.* TO ${user}`,
              `GRANT ALL PRIVILEGES ON \`${pattern}\`.* TO ${user} WITH GRANT OPTION`,
            ]
          : [`GRANT ALL PRIVILEGES ON \`${pattern}\`.* TO ${user}`];
        for (const grant of advice) await admin.query(grant);
        await (await startWith([pluginWith('store')], database)).stop();

        for (const grant of advice) expect(message).to.contain(grant);
      } finally {
        await admin.query(`DROP DATABASE IF EXISTS ${name}_store`);
        const own = await admin.query(`SELECT User AS user, Host AS host FROM mysql.user WHERE User IN (?, ?)`, [
          name,
          `plugin:${name}_store`,
        ]);
        for (const one of own) await admin.query('DROP USER ?@?', [one['user'], one['host']]);
        await admin.end();
      }
    });
  }

  it('is told how to make a database that is not there, where it is not to be made', async () => {
    const connection = urlOf('mysql').href;

    const message = await refusal({
      client: 'mysql2',
      connection,
      prefix: 'backplane_test_none_',
      ensureExists: false,
    });

    expect(message).to.contain('CREATE DATABASE `backplane_test_none_store`');
  });
});
