import { expect } from 'chai';
import { missingPackages } from '../../lib/api/needed-package.js';
import { loadConfiguration } from '../../lib/services/config/load-configuration.js';
import { ConfigFolder } from '../services/config/config-folder.js';

describe('missingPackages()', () => {
  const database = {
    code: 'MISSING_DATABASE_PACKAGE',
    key: 'backend.database.client',
    anyOf: ['libsql'],
    purpose: 'speaks to SQLite',
  };

  async function pathOf(yaml: string): Promise<readonly string[] | undefined> {
    using folder = new ConfigFolder();
    folder.write('app-config.yaml', yaml);
    const { config } = await loadConfiguration({ root: folder.path });
    return missingPackages(config, [database], () => false)[0]?.path;
  }

  it('says where the key is that asks for the package', async () => {
    const path = await pathOf('backend:\n  database:\n    client: sqlite\n');

    expect(path).to.deep.equal([`in configuration key 'backend.database.client' (app-config.yaml:3:13)`]);
  });

  it('says where the key would be that asks for it by its default', async () => {
    const path = await pathOf('backend:\n  database:\n    connection: { directory: data }\n');

    expect(path).to.deep.equal([`in configuration key 'backend.database.client' (app-config.yaml:2:3)`]);
  });
});
