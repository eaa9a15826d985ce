import { setTimeout as sleep } from 'node:timers/promises';
import { catalogApi, type Entity, type EntityPage } from '@inventory/plugin-catalog-common';
import { CatalogClient } from '@inventory/plugin-catalog-node';
import { RemoteError } from 'backplane/contract';
import { LoggerService, SchedulerService } from 'backplane';
import { mockCredentials, mockServices, override, TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { LicensesPlugin } from './licenses-plugin.js';

function component(name: string, license?: string): Entity {
  return { kind: 'component', name, dependencies: [], source: 'test', ...(license !== undefined && { license }) };
}

const entities = [
  component('koa', 'MIT'),
  component('left-pad', 'WTFPL'),
  component('nothing'),
  component('gpl', 'GPL'),
];
/** On whose behalf the catalog was asked, call by call. */
const callers: unknown[] = [];

const unknownEntity = { status: 404, code: 'unknown_entity', message: 'The catalog has no such entity' };

class SmallCatalog extends CatalogClient {
  override readonly listEntities: CatalogClient['listEntities'] = async (_input, call): Promise<EntityPage> => {
    callers.push(call.credentials === 'own' ? 'own' : call.credentials.principal);
    return { items: entities, total: entities.length };
  };

  override readonly getEntity: CatalogClient['getEntity'] = async ({ params }) => {
    const versions = entities.filter(({ name }) => name === params.name);
    if (versions.length === 0) throw new RemoteError(catalogApi.getEntity, unknownEntity);
    return { versions };
  };
}

describe('plugin licenses', () => {
  let backend: TestBackend;

  before(async () => {
    backend = await TestBackend.start({
      features: [LicensesPlugin],
      overrides: [override(CatalogClient).withClass(SmallCatalog)],
      config: { licenses: { allowed: ['MIT'], denied: ['GPL'] } },
    });
  });

  after(() => backend.stop());

  it('reports what is not allowed, or not known to be', async () => {
    const { status, body } = await backend.request.get('/api/licenses/report');

    expect(status).to.equal(200);
    expect(body).to.deep.equal({
      checked: 4,
      verdicts: { allowed: 1, denied: 1, unstated: 1, unreviewed: 1 },
      findings: [
        { kind: 'component', name: 'left-pad', license: 'WTFPL', verdict: 'unreviewed' },
        { kind: 'component', name: 'nothing', verdict: 'unstated' },
        { kind: 'component', name: 'gpl', license: 'GPL', verdict: 'denied' },
      ],
    });
  });

  it('asks the catalog on behalf of whoever asks for the report', async () => {
    callers.length = 0;

    const headers = { authorization: mockCredentials.user.header('user:default/ada') };
    await backend.request.get('/api/licenses/report', { headers });
    await backend.request.get('/api/licenses/report');

    expect(callers).to.deep.equal([{ type: 'user', userEntityRef: 'user:default/ada' }, { type: 'none' }]);
  });

  it('tells the verdict on one thing', async () => {
    const { body } = await backend.request.get('/api/licenses/check/component/koa');

    expect(body).to.deep.equal({ items: [{ kind: 'component', name: 'koa', license: 'MIT', verdict: 'allowed' }] });
  });

  it('tells of what it denies, once, and asks the catalog as itself', async () => {
    const logger = mockServices.logger();
    await using reviewing = await TestBackend.start({
      features: [LicensesPlugin],
      overrides: [override(CatalogClient).withClass(SmallCatalog), override(LoggerService).withValue(logger)],
      config: { licenses: { denied: ['GPL', 'WTFPL'] } },
    });
    callers.length = 0;
    const told = () => logger.messages('warn').filter(message => message.startsWith('The policy denies'));

    const outcomes = async () => {
      const runs = await reviewing.get(SchedulerService, { pluginId: 'licenses' }).getHistory('review');
      return runs.map(({ outcome }) => outcome);
    };

    for (const expected of [['completed'], ['completed', 'completed']]) {
      await reviewing.runTask('review', { pluginId: 'licenses' });
      while ((await outcomes()).join() !== expected.join()) await sleep(5);
    }
    while (told().length < 2) await sleep(5);
    await sleep(50);

    expect(callers).to.deep.equal(['own', 'own']);
    expect(told().toSorted()).to.deep.equal([
      'The policy denies the license of component gpl',
      'The policy denies the license of component left-pad',
    ]);
  });

  it('answers 404 for what the catalog does not know', async () => {
    const { status, body } = await backend.request.get('/api/licenses/check/component/nobody');

    expect(status).to.equal(404);
    expect(body).to.have.nested.property('error.code', 'unknown_entity');
  });
});
