import { expect } from 'chai';
import { catalogFacts } from '../acceptance/portal/catalog-facts.js';
import { deployments, Portal } from '../acceptance/portal/portal.js';
import { searchFacts } from '../acceptance/portal/search-facts.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

describe('the inventory portal on PostgreSQL', () => {
  uses('postgres');
  let place: PostgresPlace | undefined;
  let started: Portal | undefined;
  const portal = (): Portal => started!;

  before(async () => {
    place = await PostgresPlace.create();
    const [inOneProcess] = deployments;
    started = await Portal.start(inOneProcess!, { BACKPLANE_ENV: 'postgres', PORTAL_POSTGRES: place.url });
    await started.read();
  });

  after(async () => {
    await started?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
  });

  describe('the catalog', () => catalogFacts(portal));
  describe('search and licenses', () => searchFacts(portal));

  it('has nothing to complain about', () => {
    expect(portal().lines.filter(line => !/^\S+ info /.test(line))).to.deep.equal([]);
  });
});
