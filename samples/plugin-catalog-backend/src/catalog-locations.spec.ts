import type { Entity, Location } from '@inventory/plugin-catalog-common';
import { CatalogProcessing, type EntityProvider } from '@inventory/plugin-catalog-node';
import { Module } from 'backplane';
import { mockCredentials, TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { CatalogPlugin } from './catalog-plugin.js';

/** What is in the folder `name`: one component of the same name. */
function providerOf(name: string): EntityProvider {
  return {
    name: `location ${name}`,
    async *read(): AsyncGenerator<Entity> {
      yield { kind: 'component', name, dependencies: [], source: name };
    },
  };
}

/** A module that opens every folder but those that are secret. */
@Module({ pluginId: 'catalog', moduleId: 'test' })
class CatalogModuleTest {
  constructor(private readonly processing: CatalogProcessing) {}

  init(): void {
    this.processing.addLocationReader({
      opens: 'whatever is not secret',
      open: async folder => (folder.startsWith('secret') ? undefined : providerOf(folder.replace(/\/$/, ''))),
    });
  }
}

const ada = { authorization: mockCredentials.user.header('user:default/ada') };

describe('the locations of plugin catalog', () => {
  let backend: TestBackend;

  beforeEach(async () => {
    backend = await TestBackend.start({ features: [CatalogPlugin, CatalogModuleTest] });
  });

  afterEach(() => backend.stop());

  const add = (folder: unknown, headers: Record<string, string> = ada) =>
    backend.request.post('/api/catalog/locations', { headers, body: { folder } });

  it('are registered by users, and listed with who did it', async () => {
    const { status, body } = await add('team-a');
    const listed = await backend.request.get('/api/catalog/locations');

    expect(status).to.equal(201);
    expect(body).to.include({ folder: 'team-a', registeredBy: 'user:default/ada' });
    expect(listed.body).to.deep.equal({ items: [body] });
  });

  it('are read once they are registered', async () => {
    await add('team-a');

    const { body } = await backend.request.get('/api/catalog/entities/component/team-a');

    expect(body).to.have.property('versions').with.lengthOf(1);
  });

  it('are registered once, however they are written', async () => {
    const { body } = await add('team-a');

    const again = await add('team-a/');

    expect(again.status).to.equal(409);
    expect(again.body)
      .to.have.property('error')
      .that.deep.includes({ code: 'location_exists', details: { id: (body as Location).id } });
  });

  it('are not what no module opens, which says what it does open', async () => {
    const { status, body } = await add('secret/team-b');

    expect(status).to.equal(422);
    expect(body).to.have.property('error').that.deep.includes({
      code: 'location_refused',
      message: `'secret/team-b' is not among what can be registered: whatever is not secret`,
    });
  });

  it('are none where no module reads them, which is another reason', async () => {
    await using alone = await TestBackend.start({ features: [CatalogPlugin] });

    const { body } = await alone.request.post('/api/catalog/locations', { headers: ada, body: { folder: 'team-a' } });

    expect(body).to.have.property('error').that.deep.includes({
      code: 'location_refused',
      message: 'No module of the catalog reads locations',
    });
  });

  for (const [who, headers, status, code] of [
    ['nobody', {}, 401, 'missing_credentials'],
    ['a service', { authorization: mockCredentials.service.header() }, 403, 'forbidden'],
  ] as const) {
    it(`are not registered by ${who}`, async () => {
      const answer = await add('team-a', headers);

      expect(answer.status).to.equal(status);
      expect(answer.body).to.have.nested.property('error.code', code);
    });
  }

  it('are texts', async () => {
    const { status, body } = await add(17);

    expect(status).to.equal(400);
    expect(body)
      .to.have.nested.property('error.details')
      .that.deep.equals([{ pointer: '/body/folder', rule: 'invalid_type' }]);
  });
});
