import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { fileRules } from './file-rules.js';
import { frameworkFiles } from './framework-files.js';
import { cyclesIn } from './import-cycles.js';
import { layerRules } from './layer-rules.js';
import { loadedAtOnce } from './loaded-at-once.js';
import { homes, packageRules } from './package-rules.js';
import { processRules } from './process-rules.js';
import { parseSource } from './source-file.js';
import { knownState, stateOf, stateRules } from './state-rules.js';

const files = frameworkFiles();
const rules = [...layerRules, ...packageRules, ...processRules, ...stateRules, ...fileRules];

describe('The architecture of the framework', () => {
  it('is checked on its files: decorators, and every folder of lib', () => {
    const folders = new Set(files.map(({ path }) => path.split('/').slice(0, -1).slice(0, 2).join('/')));

    expect(files).to.have.length.above(100);
    expect([...folders]).to.include.members([
      'decorators',
      'lib',
      'lib/api',
      'lib/backend',
      'lib/cli',
      'lib/container',
      'lib/contract',
      'lib/errors',
      'lib/plan',
      'lib/scan',
      'lib/services',
      'lib/testing',
      'lib/util',
    ]);
  });

  it('is checked on their imports, of every kind', () => {
    const imports = files.flatMap(file => file.imports);

    expect(imports).to.have.length.above(500);
    expect(new Set(imports.map(({ how }) => how))).to.deep.equal(new Set(['type', 'static', 'dynamic']));
    expect(imports.some(({ reexports }) => reexports)).to.equal(true);
  });

  for (const { title, violations, broken, kept } of rules) {
    describe(`Each file ${title}`, () => {
      it('in the framework', () => {
        expect(files.flatMap(violations)).to.deep.equal([]);
      });

      for (const [path, text] of broken) {
        it(`which is not so of ${path} with \`${shorten(text)}\``, () => {
          expect(violations(parseSource(path, text))).to.have.length.above(0);
        });
      }

      for (const [path, text] of kept) {
        it(`which is so of ${path} with \`${shorten(text)}\``, () => {
          expect(violations(parseSource(path, text))).to.deep.equal([]);
        });
      }
    });
  }

  describe('No file loads itself over others', () => {
    it('in the framework', () => {
      expect(cyclesIn(files)).to.deep.equal([]);
    });

    it('which is not so of files that load each other', () => {
      const circle = [
        parseSource('lib/plan/a.ts', `import { b } from './b.js';`),
        parseSource('lib/plan/b.ts', `export { c } from './c.js';`),
        parseSource('lib/plan/c.ts', `import { type A } from './a.js';`),
      ];

      expect(cyclesIn(circle)).to.deep.equal(['lib/plan/a.ts → lib/plan/b.ts → lib/plan/c.ts → lib/plan/a.ts']);
    });

    it('which is so of files that know only each other’s types, or load each other later', () => {
      const tree = [
        parseSource('lib/plan/a.ts', `import { b } from './b.js'; import { c } from './c.js';`),
        parseSource('lib/plan/b.ts', `import type { A } from './a.js';`),
        parseSource('lib/plan/c.ts', `const a = () => import('./a.js');`),
      ];

      expect(cyclesIn(tree)).to.deep.equal([]);
    });
  });

  describe('What an entry loads at once', () => {
    const heavy = ['ajv', 'jose', 'yaml', 'light-my-request'];

    it('is nothing heavy, unless it is for tests', () => {
      for (const entry of ['lib/index.ts', 'lib/cli/index.ts']) {
        expect(loadedAtOnce(files, entry)).to.include('inversify').and.not.include.any.members(heavy);
      }
    });

    it('is nothing but reflect-metadata for decorators, and nothing at all for the contract', () => {
      expect(loadedAtOnce(files, 'decorators/index.ts')).to.deep.equal(['reflect-metadata']);
      expect(loadedAtOnce(files, 'lib/contract/index.ts')).to.deep.equal([]);
    });

    it('is what it names, and what that names, but not what is asked for later or is only a type', () => {
      const tree = [
        parseSource('lib/index.ts', `import './plan/a.js'; import type { C } from './plan/c.js';`),
        parseSource('lib/plan/a.ts', `import 'yaml'; const later = () => import('./b.js');`),
        parseSource('lib/plan/b.ts', `import 'ajv';`),
        parseSource('lib/plan/c.ts', `import 'koa';`),
      ];

      expect(loadedAtOnce(tree, 'lib/index.ts')).to.deep.equal(['yaml']);
    });
  });

  it('gives a home to each dependency of package.json, and otherwise to what is bundled', async () => {
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(
      await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
    ) as Record<'dependencies' | 'devDependencies' | 'peerDependencies', object>;

    const installed = Object.keys(dependencies).filter(name => !name.startsWith('@types/'));
    expect(Object.keys(homes)).to.include.members(installed);
    expect(Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })).to.include.members(
      Object.keys(homes),
    );
  });

  it('has a home only for what it uses', () => {
    const used = new Set(files.flatMap(file => file.imports.map(({ target }) => target)));

    expect(Object.keys(homes).filter(name => !used.has(name))).to.deep.equal([]);
  });

  it('lists no state that is gone', () => {
    const states = files.flatMap(file => stateOf(file).map(({ name }) => `${file.path}#${name}`));

    expect(Object.keys(knownState).filter(known => !states.includes(known))).to.deep.equal([]);
  });

  it('is told about a file that cannot be parsed', () => {
    expect(() => parseSource('lib/plan/plan.ts', 'const = 1')).to.throw(SyntaxError, 'lib/plan/plan.ts');
  });
});

function shorten(text: string): string {
  return text.length > 110 ? `${text.slice(0, 100).replaceAll('\n', ' ')}…` : text;
}
