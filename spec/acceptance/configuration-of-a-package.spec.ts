import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const framework = new URL('../../bundle/index.js', import.meta.url).href;

const program = `
import { Backend, Plugin, RootConfigService, Inject } from '${framework}';
class Told {
  constructor(config) { console.log('told', config.getOptionalString('told.by')); }
}
Inject(RootConfigService)(Told, undefined, 0);
Plugin({ pluginId: 'told' })(Told);
const backend = await Backend.start({ features: [Told], mode: 'test' });
await backend.stop();
`;

describe('A compiled program outside of any repository', () => {
  it('reads the app-config.yaml beside its package.json', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'backplane-package-'));
    try {
      await mkdir(join(folder, 'dist'));
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'told', type: 'module' }));
      await writeFile(join(folder, 'app-config.yaml'), 'backend:\n  listen: false\ntold:\n  by: the file\n');
      await writeFile(join(folder, 'dist', 'index.js'), program);

      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'dist', 'index.js')], {
        timeout: 10_000,
      });

      expect(stdout).to.include('told the file');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
