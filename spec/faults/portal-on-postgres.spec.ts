import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDatabase, TestDatabases } from '../../lib/testing/test-databases.js';
import { catalogFacts } from '../acceptance/portal/catalog-facts.js';
import { deployments, Portal } from '../acceptance/portal/portal.js';
import { repository } from '../acceptance/program.js';
import { searchFacts } from '../acceptance/portal/search-facts.js';
import { uses } from './harness/servers.js';
import { until } from './harness/until.js';

/** A folder of the repository, as the catalog demands, with a component of that name. */
function descriptorOf(name: string): Disposable & { readonly path: string } {
  const data = join(repository, 'samples/backend/data');
  mkdirSync(data, { recursive: true });
  const path = mkdtempSync(join(data, 'test-'));
  const descriptor = { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name } };
  writeFileSync(join(path, 'catalog-info.yaml'), JSON.stringify(descriptor));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

for (const deployment of deployments) {
  describe(`the inventory portal on PostgreSQL, ${deployment.name}`, () => {
    uses('postgres');
    let databases: TestDatabases | undefined;
    let started: Portal | undefined;
    const portal = (): Portal => started!;

    before(async () => {
      databases = await TestDatabases.create({ ids: ['postgres-schemas'] });
      const { config }: TestDatabase = await databases.init('postgres-schemas');
      const PORTAL_POSTGRES = config['connection'] as string;
      started = await Portal.start(deployment, { BACKPLANE_ENV: 'postgres', PORTAL_POSTGRES });
      await started.read();
    });

    after(async () => {
      await started?.[Symbol.asyncDispose]();
      await databases?.[Symbol.asyncDispose]();
    });

    describe('the catalog', () => catalogFacts(portal));
    describe('search and licenses', () => searchFacts(portal));

    it('finds what somebody registers before what it found is too old, since the catalog tells of it', async () => {
      const find = () => portal().get<{ total: number }>('/api/search/query?q=zwetschge');
      const before = await find();
      using folder = descriptorOf('zwetschge');
      const token = await portal().guestToken();

      await portal().ask('POST', '/api/catalog/locations', { token, json: { folder: folder.path } });

      expect(before).to.have.property('total', 0);
      await until('the search knows it', async () => (await find()).total === 1);
    });

    it('has nothing to complain about', () => {
      expect(portal().lines.filter(line => !/^\S+ info /.test(line))).to.deep.equal([]);
    });
  });
}
