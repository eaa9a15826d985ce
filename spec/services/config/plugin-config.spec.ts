import { expect } from 'chai';
import { pluginView, type Viewer } from '../../../lib/api/plugin-view.js';
import type { Problem } from '../../../lib/errors/problem.js';
import { ConfigError } from '../../../lib/errors/config-error.js';
import { ConfigFolder } from './config-folder.js';

const data = {
  app: { title: 'portal' },
  organization: { name: 'acme' },
  backend: { baseUrl: 'http://localhost:7007', database: { password: 'hunter2' }, listen: ':7007' },
  catalog: { refresh: '5m', token: 'own' },
  'catalog-other': { token: 'foreign' },
  search: { token: 'foreign', shared: { index: 'main', list: [1, 2] } },
};

describe('What a plugin sees of the configuration', () => {
  let folder: ConfigFolder;
  let warnings: Problem[];

  beforeEach(() => {
    folder = new ConfigFolder();
    warnings = [];
  });

  afterEach(() => folder[Symbol.dispose]());

  async function viewOf(viewer: Partial<Viewer> = {}, config: object = data) {
    const loaded = await folder.load({ config: config as never, onWarning: warning => warnings.push(warning) });
    return loaded.config[pluginView]({ pluginId: 'catalog', configKeys: [], ...viewer });
  }

  it('is its own key and the public ones', async () => {
    const view = await viewOf();

    expect(view.get()).to.deep.equal({
      app: { title: 'portal' },
      organization: { name: 'acme' },
      backend: { baseUrl: 'http://localhost:7007' },
      catalog: { refresh: '5m', token: 'own' },
    });
    expect(view.keys()).to.deep.equal(['app', 'organization', 'backend', 'catalog']);
    expect(view.getConfig('backend').keys()).to.deep.equal(['baseUrl']);
  });

  it('has the keys that it declares, and nothing beside them', async () => {
    const view = await viewOf({ configKeys: ['search.shared.index', 'missing.key'] });

    expect(view.get('search')).to.deep.equal({ shared: { index: 'main' } });
    expect(view.has('missing')).to.equal(false);
  });

  it('has all of a section that it declares besides a part of it', async () => {
    const view = await viewOf({ configKeys: ['backend'] });

    expect(view.get('backend')).to.deep.equal(data.backend);
  });

  it('lacks everything else, by whatever method it is read', async () => {
    const view = await viewOf();

    expect(view.has('search.token')).to.equal(false);
    expect(view.getOptional('search')).to.equal(undefined);
    expect(view.getOptionalString('backend.database.password')).to.equal(undefined);
    expect(view.getOptionalConfig('catalog-other')).to.equal(undefined);
    expect(view.placeOf('search.token')).to.equal(undefined);
    expect(view.getConfig('backend').getOptionalConfig('database')).to.equal(undefined);
    expect(() => view.getString('search.token'))
      .to.throw(ConfigError)
      .with.property('code', 'MISSING_CONFIG');
  });

  it('says how to declare a key, whether it exists or not', async () => {
    const view = await viewOf();

    expect(() => view.getString('search.token')).to.throw("config: ['search.token']");
    expect(() => view.getString('nowhere.token')).to.throw("config: ['nowhere.token']");
    expect(() => view.getString('catalog.absent')).to.throw('APP_CONFIG_catalog_absent');
  });

  it('gives one warning for each hidden key that is read, and none for a key that is nowhere', async () => {
    const view = await viewOf();

    view.has('search.token');
    view.getOptionalString('search.token');
    view.has('nowhere');
    view.has('catalog.absent');

    expect(warnings.map(({ code, message }) => [code, message])).to.deep.equal([
      ['HIDDEN_CONFIG', "Plugin 'catalog' reads configuration key 'search.token', which is hidden from it"],
    ]);
    expect(warnings[0]!.path).to.deep.equal(["in plugin 'catalog'"]);
  });

  it("is not the framework's own key, also for a plugin of that name", async () => {
    const view = await viewOf({ pluginId: 'backend' });

    expect(view.get('backend')).to.deep.equal({ baseUrl: 'http://localhost:7007' });
  });

  it('is nothing more where a declared key is empty or has no such part', async () => {
    const view = await viewOf({ configKeys: ['', 'catalog.refresh.x', 'search.shared.list[0]', '[0]'] });

    expect(view.keys()).to.deep.equal(['app', 'organization', 'backend', 'catalog']);
  });

  it('cannot be changed, nor can its sections', async () => {
    const view = await viewOf();

    expect(() => Object.assign(view, { getString: () => 'mine' })).to.throw(TypeError);
    expect(() => Object.assign(view.getConfig('catalog'), { x: 1 })).to.throw(TypeError);
  });

  it('gives no way back to the whole configuration', async () => {
    const view = await viewOf();

    expect(Reflect.ownKeys(view)).to.deep.equal([]);
    expect(pluginView in view).to.equal(false);
    expect(JSON.stringify(Object.values(view.constructor))).to.not.contain('hunter2');
  });
});
