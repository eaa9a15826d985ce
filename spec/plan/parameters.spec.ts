import { expect } from 'chai';
import { transform } from 'esbuild';
import { Container } from 'inversify';
import { Inject, Injectable, Plugin, Service } from '../../decorators/index.js';
import type { Class } from '../../decorators/tokens.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { override } from '../../lib/testing/override.js';
import { PackageTree } from '../scan/package-tree.js';
import { codesIn, onlyProblemIn, problemsIn } from './plan-problems.js';

interface Settings {
  readonly url: string;
}

const decorators = new URL('../../decorators/index.js', import.meta.url).href;

/** A plugin as esbuild compiles it: without types, and with standard decorators where it is told nothing else. */
async function compiled(source: string, experimentalDecorators: boolean): Promise<unknown> {
  using tree = new PackageTree();
  const { code } = await transform(
    `import { Inject, Injectable, Module, Plugin, Service } from '${decorators}';\n${source}`,
    {
      loader: 'ts',
      target: 'es2022',
      tsconfigRaw: { compilerOptions: { experimentalDecorators, emitDecoratorMetadata: true } },
    },
  );
  tree.write({ 'plugin.mjs': code });
  return await import(tree.path('plugin.mjs'));
}

describe('A parameter', () => {
  it('that names nothing is told for each reason, with its index and the line of its class', async () => {
    @Plugin({ pluginId: 'wrong' })
    class Wrong {
      constructor(
        readonly logger: LoggerService,
        readonly settings: Settings,
        readonly either: LoggerService | Settings,
        readonly make: () => Settings,
        readonly text: string,
        readonly number: number,
        readonly flag: boolean,
        readonly list: readonly Settings[],
        readonly anything: unknown,
        readonly container: Container,
      ) {}
    }

    const problems = await problemsIn([Wrong]);

    expect(problems.map(({ message }) => /^Parameter (\d)/.exec(message)?.[1])).to.deep.equal('123456789'.split(''));
    expect(problems.map(({ code }) => code)).to.deep.equal([...Array(8).fill('ERASED_PARAMETER'), 'UNDECORATED_CLASS']);
    for (const { path } of problems)
      expect(path[0]).to.match(/^in plugin 'wrong' \(spec\/plan\/parameters\.spec\.ts:\d+:6\)$/);
    expect(problems[3]!.message).to.contain('primitive');
    expect(problems[6]!.message).to.contain('array');
    expect(problems[8]!.fix).to.contain('never handed out');
  });

  it('of a class that esbuild compiled has no type, and needs none where it says @Inject', async () => {
    const source = (parameter: string) => `
      @Service({ id: 'acme.clock', scope: 'root' })
      export class Clock { now() { return 0; } }
      @Plugin({ pluginId: 'compiled' })
      export class CompiledPlugin { constructor(${parameter}) { void clock; } }
    `;

    expect(await codesIn([await compiled(source('clock: Clock'), true)])).to.deep.equal(['NO_PARAMETER_METADATA']);
    expect(await codesIn([await compiled(source('@Inject(Clock) clock: Clock'), true)])).to.deep.equal([]);
  });

  it('without a type is told once for its class, and nothing else for what that may need', async () => {
    const source = `
      @Service({ id: 'acme.clock', scope: 'root' })
      export class Clock { now() { return 0; } }
      export class Fixed extends Clock {}
      @Injectable()
      export class Helper { constructor(clock: Clock) { void clock; } }
      @Plugin({ pluginId: 'compiled' })
      export class CompiledPlugin {
        constructor(a: Clock, @Inject(Helper) helper: Helper, b: Clock) { void [a, b, helper]; }
      }
      @Module({ pluginId: 'compiled', moduleId: 'first' })
      export class CompiledModule { constructor(@Inject(Helper) helper: Helper) { void helper; } }
    `;
    const { Clock, Fixed, CompiledPlugin, CompiledModule } = (await compiled(source, true)) as Record<string, Class>;

    const problems = await problemsIn([CompiledPlugin, CompiledModule], {
      overrides: [override(Clock!).withClass(Fixed!)],
    });

    const untyped = problems.filter(({ code }) => code === 'NO_PARAMETER_METADATA');
    expect(untyped.map(({ message }) => message.replace(/ at run time.*/, ''))).to.have.members([
      'Parameters 0 and 2 of the constructor of class CompiledPlugin have no type',
      'Parameter 0 of the constructor of class Helper has no type',
    ]);
    expect(problems.map(({ code }) => code)).to.not.include('UNUSED_OVERRIDE');
  });

  it('of a base is that of a class without a constructor, of the nearest base that has one', async () => {
    @Injectable()
    class Base {
      constructor(
        readonly logger: LoggerService,
        readonly url: string,
      ) {}
    }
    class Middle extends Base {}
    @Plugin({ pluginId: 'derived' })
    class Derived extends Middle {}

    const { code, message } = await onlyProblemIn([Derived]);

    expect(code).to.equal('ERASED_PARAMETER');
    expect(message).to.contain('Parameter 1 of the constructor of class Derived');
  });

  it('of a base is never undefined without a word: a base needs a decorator', async () => {
    class Base {
      constructor(readonly logger: LoggerService) {}
    }
    @Plugin({ pluginId: 'derived' })
    class Derived extends Base {}

    expect(await codesIn([Derived])).to.deep.equal(['UNDECORATED_BASE']);
  });

  it('of a base is nothing to a class with a constructor of its own', async () => {
    class Base {
      constructor(readonly url: string) {}
    }
    @Plugin({ pluginId: 'derived' })
    class Derived extends Base {
      constructor(readonly logger: LoggerService) {
        super('url');
      }
    }

    expect(await codesIn([Derived])).to.deep.equal([]);
  });

  it('may have a token that is told to be undefined', async () => {
    class Early {}
    (Inject(undefined as never) as ParameterDecorator)(Early, undefined, 0);
    Plugin({ pluginId: 'early' })(Early);

    expect(await codesIn([Early])).to.deep.equal(['UNDEFINED_TOKEN']);
  });

  it('of create() is told as such', async () => {
    @Service({ id: 'acme.created', scope: 'root', create: [undefined as never, Settingless] })
    class Created {
      static create(): Created {
        return new Created();
      }
    }

    const problems = await problemsIn([Created]);

    expect(problems.map(({ code, message }) => `${code} ${message.slice(0, 45)}`)).to.deep.equal([
      'UNDEFINED_TOKEN Parameter 0 of create() of class Created name',
      'UNDECORATED_CLASS Parameter 1 of create() of class Created asks',
    ]);
  });

  it('may be no class at all', async () => {
    for (const token of ['core.logger', 7, null, {}, Symbol.for('x')]) {
      class Odd {}
      (Inject(token as never) as ParameterDecorator)(Odd, undefined, 0);
      Plugin({ pluginId: 'odd' })(Odd);

      expect(await codesIn([Odd]), typeof token).to.deep.equal(['UNDECORATED_CLASS']);
    }
  });
});

class Settingless {}

describe('A plugin that is compiled with standard decorators', () => {
  it('is told so when it is loaded', async () => {
    const source = `@Plugin({ pluginId: 'standard' }) export class StandardPlugin {}`;

    expect(await codesIn([compiled(source, false)])).to.deep.equal(['STANDARD_DECORATORS']);
  });
});
