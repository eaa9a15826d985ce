import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackplaneError } from '../../lib/errors/backplane-error.js';
import { importProblems } from '../../lib/errors/import-problem.js';
import { importWithDeadline } from '../../lib/scan/import-feature.js';
import { PackageTree } from './package-tree.js';

describe('importWithDeadline()', () => {
  let tree: PackageTree;
  afterEach(() => tree[Symbol.dispose]());

  async function failure(
    text: string,
    others: Record<string, string> = {},
    milliseconds = 5_000,
  ): Promise<BackplaneError> {
    tree = new PackageTree({ 'package.json': { type: 'module' }, 'a.js': text, ...others });
    return importWithDeadline(tree.path('a.js'), 'plugin-a', milliseconds).then(
      () => expect.fail('it was imported'),
      (error: unknown) => error as BackplaneError,
    );
  }

  it('gives what the module exports', async () => {
    tree = new PackageTree({ 'a b#.mjs': 'export const x = 1;' });

    expect(await importWithDeadline(tree.path('a b#.mjs'), 'a', 5_000)).to.include({ x: 1 });
  });

  it('names package, file and cause of a failure', async () => {
    const error = await failure('throw new Error("no licence");');

    expect(error.code).to.equal('IMPORT_FAILED');
    expect(error.message).to.contain('plugin-a').and.contain(tree.path('a.js'));
    expect((error.cause as Error).message).to.equal('no licence');
  });

  it('survives modules that throw no error', async () => {
    expect((await failure('throw undefined;')).code).to.equal('IMPORT_FAILED');
  });

  it('says what is missing where a module imports what is not there', async () => {
    const error = await failure(`import './none.js';`);

    expect(error.code).to.equal('IMPORT_FAILED');
    expect((error.cause as Error).message).to.contain('none.js');
  });

  it('passes on what is wrong with an api, which says itself where it is', async () => {
    const contract = JSON.stringify(import.meta.resolve('backplane/contract'));
    const error = await failure(
      `import { defineApi } from ${contract};\ndefineApi({ pluginId: 'A', operations: { b: 1 } });`,
    );

    expect([error.name, error.code]).to.deep.equal(['ContractError', 'INVALID_API']);
    const problems = importProblems(error, "package 'a'");
    expect(problems.map(({ message }) => message)).to.deep.equal([
      "'A' is not a valid pluginId",
      "Operation 'b' is not an operation",
    ]);
    expect(problems[1]!.path).to.deep.equal([
      "in package 'a'",
      `-> the api of plugin 'A' (${tree.path('a.js')}:2:1)`,
      "-> operation 'b'",
    ]);
  });

  it('recognises a cycle of imports', async () => {
    const error = await failure(`import { B } from './b.js'; export class A extends B {}`, {
      'b.js': `import { A } from './a.js'; export class B {} export class C extends A {}`,
    });

    expect(error.code).to.equal('IMPORT_CYCLE');
    expect(error.message).to.contain("'A'").and.contain('fix: ');
  });

  it('gives up on a module whose top-level await never ends, and says what must not be imported', async () => {
    const start = performance.now();

    const error = await failure('await new Promise(() => {});', {}, 50);

    expect(performance.now() - start).to.be.below(2_000);
    expect(error.code).to.equal('IMPORT_TIMEOUT');
    expect(error.message).to.contain('awaits Backend.start()').and.contain('top-level await').and.contain('plugin-a');
  });

  it('keeps the process alive until the deadline, where it would end with code 13 and no word', async () => {
    const module = new URL('../../lib/scan/import-feature.js', import.meta.url).href;
    tree = new PackageTree({
      'main.mjs': `import { importWithDeadline } from ${JSON.stringify(module)};
        const error = await importWithDeadline(new URL('./endless.mjs', import.meta.url).pathname, 'x', 100).catch(e => e);
        console.log(error.code);`,
      'endless.mjs': 'await new Promise(() => {});',
    });

    const child = spawn(process.execPath, [tree.path('main.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', chunk => (output += String(chunk)));
    const [code] = (await once(child, 'close')) as [number];

    expect(code).to.equal(0);
    expect(output).to.equal('IMPORT_TIMEOUT\n');
  });

  it('does not hold the process once the module is there', async () => {
    const module = new URL('../../lib/scan/import-feature.js', import.meta.url).href;
    tree = new PackageTree({
      'main.mjs': `import { importWithDeadline } from ${JSON.stringify(module)};
        await importWithDeadline(new URL('./a.mjs', import.meta.url).pathname, 'x', 60_000);`,
      'a.mjs': '',
    });
    const start = performance.now();

    const child = spawn(process.execPath, [tree.path('main.mjs')], { stdio: 'inherit' });
    await once(child, 'close');

    expect(performance.now() - start).to.be.below(10_000);
  });

  it('is no unhandled rejection while something else is awaited', async () => {
    tree = new PackageTree({ 'a.mjs': 'throw new Error("early");' });
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);

    try {
      const imported = importWithDeadline(tree.path('a.mjs'), 'a', 5_000);
      await delay(50);
      expect(unhandled).to.deep.equal([]);
      const error = await imported.catch((reason: unknown) => reason as BackplaneError);
      expect(error).to.have.property('code', 'IMPORT_FAILED');
    } finally {
      process.off('unhandledRejection', listener);
    }
  });
});
