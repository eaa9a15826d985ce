import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PackageTree } from '../scan/package-tree.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const decorators = `${repository}dist/decorators/index.js`;

/** What the compiler says of a class whose constructor has this parameter, without the place. */
function compilerSays(parameter: string): string {
  using tree = new PackageTree({
    'package.json': { type: 'module' },
    'tsconfig.json': { extends: `${repository}tsconfig.plugin.json`, compilerOptions: { noEmit: true, types: [] } },
    'wrong.ts': `
      import { Inject, Injectable, InjectAll, Optional } from '${decorators}';
      abstract class Clock { abstract now(): Date; }
      abstract class Counter { abstract next(): number; }
      @Injectable()
      export class Wrong { constructor(${parameter}) { void [Inject, InjectAll, Optional, Clock, Counter, wrong]; } }`,
  });
  const { stdout } = spawnSync(process.execPath, [`${repository}node_modules/typescript/bin/tsc`, '-p', tree.root], {
    encoding: 'utf8',
  });
  return stdout;
}

describe('The compiler, where a decorator does not fit its parameter', () => {
  for (const [parameter, injected, type, fix] of [
    ['@Inject(Clock) wrong: Counter', 'Clock', 'Counter', 'name the token of its type'],
    ['@InjectAll(Clock) wrong: Clock', 'Clock[]', 'Clock', 'make the parameter an array'],
    ['@Optional() wrong: Clock', 'undefined', 'Clock', 'write a ? behind its name'],
  ] as const) {
    it(`says of ${parameter} what is injected, into what, and what to do`, () => {
      const message = compilerSays(parameter);

      expect(message).to.contain(`ParameterTypeDoesNotFit<${injected}, ${type}, "`).and.contain(fix);
      expect(message).not.to.contain('never');
    });
  }

  it('says nothing where it fits', () => {
    expect(compilerSays('@Optional() @Inject(Clock) wrong?: Clock')).to.equal('');
  });
});
