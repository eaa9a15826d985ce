import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { Backend } from '../../lib/default-backend.js';
import { PackageTree } from './package-tree.js';

const framework = new URL('../../lib/index.js', import.meta.url).href;
const cli = new URL('../../lib/cli/index.js', import.meta.url).pathname;
const inherited = `import { Backend } from '${framework}';\n`;
const silent = "{ features: [], config: { backend: { listen: false, logger: { level: 'silent' } } } }";
const config = { backend: { listen: false, logger: { level: 'silent' } } };

describe('A program in the folder of features', () => {
  let tree: PackageTree;
  afterEach(() => tree[Symbol.dispose]());

  function packageWith(program: string, others: Record<string, string> = {}): void {
    const backplane = { features: 'dist' };
    tree = new PackageTree({ 'package.json': { name: 'app', type: 'module', backplane } });
    tree.write({ 'dist/other.js': `${inherited}${program}`, ...others });
  }

  async function problems(): Promise<string[]> {
    return Backend.plan({ root: tree.root, config }).then(
      () => [],
      (error: unknown) => (error as BackendStartupError).problems.map(({ code, message }) => `${code} ${message}`),
    );
  }

  const refusal = 'STARTED_BY_IMPORT dist/other.js calls Backend.start() when it is imported for its features';
  for (const [how, program] of [
    ['awaits it', `await Backend.start(${silent});`],
    ['does not wait for it', `Backend.start(${silent});`],
    ['catches its error', `await Backend.start(${silent}).catch(() => {});`],
    ['asks for it after a while', `await new Promise(r => setTimeout(r, 10)); await Backend.start(${silent});`],
    ['makes the backend first', `await new Backend(${silent}).start();`],
  ] as const) {
    it(`starts no backend where it ${how}, and the plan names it`, async () => {
      packageWith(program);

      expect(await problems()).to.deep.equal([refusal]);
    });
  }

  it('starts no backend where a feature imports it', async () => {
    packageWith(`await Backend.start(${silent});`, { 'dist/feature.js': "import './other.js';" });

    // Whichever of the two comes first evaluates the program.
    expect((await problems()).join()).to.contain('STARTED_BY_IMPORT dist/feature.js');
  });

  it('starts no backend that lives on after the command has printed the plan', () => {
    packageWith(`Backend.start({ features: [], config: { backend: { listen: 0 } } });`);

    const { status, stderr, stdout } = spawnSync(process.execPath, [cli, 'plan', tree.root], {
      encoding: 'utf8',
      timeout: 15_000,
    });

    expect(status).to.equal(1);
    expect(stderr).to.contain('[STARTED_BY_IMPORT] dist/other.js').and.contain('fix: ');
    expect(stdout).not.to.contain('Listening');
  });

  it('does not keep the entry from scanning that folder', () => {
    tree = new PackageTree({ 'package.json': { name: 'app', type: 'module', backplane: { features: 'dist' } } });
    tree.write({
      'dist/feature.js': 'export class NoFeature {}',
      'dist/server.js': `${inherited}
        const backend = await Backend.start({ mode: 'development', config: { backend: { listen: false } } });
        process.stdout.write('started');
        await backend.stop();`,
    });

    const { stdout, stderr } = spawnSync(process.execPath, [tree.path('dist/server.js')], {
      encoding: 'utf8',
      timeout: 15_000,
    });

    expect(stdout + stderr).to.contain('started');
  });
});

describe('A loader', () => {
  it('starts no backend', async () => {
    const loader = async (): Promise<unknown[]> => {
      await new Backend({ features: [], config }).start();
      return [];
    };

    const error = await Backend.plan({ features: [loader], config }).then(
      () => undefined,
      (thrown: unknown) => thrown as BackendStartupError,
    );

    expect(error!.problems.map(({ code }) => code)).to.deep.equal(['STARTED_BY_IMPORT']);
  });
});
