import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { transformSync } from 'esbuild';
import { PackageTree } from '../scan/package-tree.js';

const framework = new URL('../../lib/index.js', import.meta.url).href;

const program = `import { Backend, Plugin } from '${framework}';

interface Erased {
  readonly by: 'the compiler';
}

@Plugin({ pluginId: 'Wrong' })
class Wrong {
  readonly erased?: Erased;
}

await Backend.plan({ features: [Wrong] }).catch((error: Error) => console.log(error.message));
`;
const place = 'program.ts:7:2';

const options = { loader: 'ts', tsconfigRaw: { compilerOptions: { experimentalDecorators: true } } } as const;
const compile = (sourcemap: 'inline' | false): string =>
  transformSync(program, { ...options, sourcefile: 'program.ts', sourcemap }).code;

/** What tsx does: the file that runs is the source, and what runs of it is only in memory. */
const loader = `
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '${import.meta.resolve('esbuild')}';
const options = ${JSON.stringify(options)};
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const sourcefile = fileURLToPath(url);
  const { code } = transformSync(readFileSync(sourcefile, 'utf8'), { ...options, sourcefile, sourcemap: 'inline' });
  return { format: 'module', source: code, shortCircuit: true };
}`;
const register = `import { register } from 'node:module'; register('./loader.mjs', import.meta.url);`;

describe('The place of a decorator, where esbuild has compiled it', () => {
  let tree: PackageTree;
  afterEach(() => tree[Symbol.dispose]());

  function run(...args: string[]): string {
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree.root, encoding: 'utf8', timeout: 15_000 });
    expect(stderr).to.equal('');
    return stdout;
  }

  it('is the one in the source, with the source map at the end of the file', () => {
    tree = new PackageTree({ 'program.mjs': compile('inline') });

    expect(run('program.mjs')).to.contain(`(${place})`);
  });

  it('is the same where Node reads source maps itself', () => {
    tree = new PackageTree({ 'program.mjs': compile('inline') });

    expect(run('--enable-source-maps', 'program.mjs')).to.contain(`(${place})`);
  });

  it('is the same where the source was compiled when it was loaded', () => {
    tree = new PackageTree({ 'program.ts': program, 'loader.mjs': loader, 'register.mjs': register });

    expect(run('--enable-source-maps', '--import', './register.mjs', 'program.ts')).to.contain(`(${place})`);
  });

  it('is the one in the file that runs, without a source map', () => {
    tree = new PackageTree({ 'program.mjs': compile(false) });

    expect(run('program.mjs')).to.match(/\(program\.mjs:\d+:\d+\)/);
  });

  it('is the one in the file that runs, with a source map that is none', () => {
    const broken = '//# sourceMappingURL=data:application/json;base64,bm9uZQ==\n';
    tree = new PackageTree({ 'program.mjs': `${compile(false)}${broken}` });

    expect(run('program.mjs')).to.match(/\(program\.mjs:\d+:\d+\)/);
  });
});
