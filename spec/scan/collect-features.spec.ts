import { expect } from 'chai';
import { Controller, FeatureLoader, Inject, Injectable, Plugin, createServiceRef } from '../../decorators/index.js';
import { ClassReader } from '../../lib/api/class-record.js';
import { RootLoggerService } from '../../lib/api/logger-service.js';
import { collectFeatures, type Collected } from '../../lib/scan/collect-features.js';
import { QuietBackend } from '../backend/quiet-backend.js';
import { startupProblems } from '../startup-problems.js';
import { codesIn, problemsIn } from '../plan/plan-problems.js';

@Plugin({ pluginId: 'a' })
class A {}

@Plugin({ pluginId: 'b' })
class B {}

@Injectable()
class Helper {}

@Controller()
class Routes {}

class Undecorated {}

const collect = (input: unknown): Promise<Collected> =>
  collectFeatures(input, { reader: new ClassReader(), rank: 'features', origin: 'features' });

async function namesIn(input: unknown): Promise<string[]> {
  const { features, problems } = await collect(input);
  expect(problems).to.deep.equal([]);
  return features.map(({ record }) => record.name);
}

async function* generate(): AsyncGenerator {
  yield A;
  yield Promise.resolve(B);
}

/** As `import()` gives it. */
function namespace(exports: Record<string, unknown>): object {
  return Object.assign(Object.create(null) as object, { [Symbol.toStringTag]: 'Module' }, exports);
}

describe('Features are', () => {
  for (const [what, input, names] of [
    ['classes', [A, B], ['A', 'B']],
    ['arrays of arrays', [[A], [[B]]], ['A', 'B']],
    ['promises', [Promise.resolve(A), Promise.resolve([B])], ['A', 'B']],
    ['functions', [() => A, () => [B]], ['A', 'B']],
    ['asynchronous functions', [async () => [A, async () => B]], ['A', 'B']],
    [
      'generators',
      [
        function* () {
          yield A;
          yield [B];
        },
      ],
      ['A', 'B'],
    ],
    ['asynchronous generators', [generate], ['A', 'B']],
    ['sets', [new Set([A, B])], ['A', 'B']],
    ['modules, of which the features count', namespace({ A, Helper, Routes, Undecorated, text: 'x' }), ['A']],
    ['modules with a default, which alone counts', namespace({ default: B, A }), ['B']],
    [
      'modules of CommonJS, with a default in the default',
      namespace({ default: { __esModule: true, default: A } }),
      ['A'],
    ],
    ['promises of modules', [Promise.resolve(namespace({ A }))], ['A']],
    ['there once, however often they are given', [A, [A], () => A], ['A']],
    ['nothing', [], []],
  ] as [string, unknown, string[]][]) {
    it(what, async () => {
      expect(await namesIn(input)).to.deep.equal(names);
    });
  }

  it('loaders that a module exports', async () => {
    @FeatureLoader()
    class Loader {
      load(): unknown {
        return [A, B];
      }
    }

    const { loaders } = await collect(namespace({ Loader }));

    expect(loaders.map(({ record }) => record.name)).to.deep.equal(['Loader']);
  });
});

describe('What is no feature', () => {
  for (const [what, input] of [
    ['a number', 7],
    ['null', null],
    ['undefined', undefined],
    ['a text', 'plugin-catalog'],
    ['an object', {}],
    ['a date', new Date()],
    ['an instance', new A()],
    ['a class without a decorator', Undecorated],
    ['a helper', Helper],
    ['a controller', Routes],
    ['a module without a feature', namespace({ Helper, Undecorated })],
    ['an empty module', namespace({})],
    ['a module whose default is none', namespace({ default: 7, A })],
    ['a promise of nothing', Promise.resolve()],
    ['a function that gives nothing', () => undefined],
  ] as [string, unknown][]) {
    it(`is told with its index: ${what}`, async () => {
      const { problems } = await collect([A, input]);

      expect(problems.map(({ code }) => code)).to.deep.equal(['NOT_A_FEATURE']);
      expect(problems[0]!.path[0]).to.match(/^in features\[1\]/);
    });
  }

  it('does not keep what is one from being found', async () => {
    const { features, problems } = await collect([7, A, null, B]);

    expect(features).to.have.length(2);
    expect(problems).to.have.length(2);
  });
});

describe('What contains itself', () => {
  it('is a problem, and not looked into for ever', async () => {
    const list: unknown[] = [A];
    list.push(list);
    const loader = (): unknown => [B, loader];

    for (const input of [list, [loader]]) {
      const { features, problems } = await collect(input);

      expect(features).to.have.length(1);
      expect(problems.map(({ code }) => code)).to.deep.equal(['FEATURES_TOO_DEEP']);
    }
  });

  it('is a problem of a whole backend, too, also where that is told while it is made', async () => {
    const list: unknown[] = [A];
    list.push([list]);
    const backend = new QuietBackend([list]).add(list);

    const codes = (await startupProblems(backend.plan())).map(({ code }) => code);

    expect(codes).to.deep.equal(['FEATURES_TOO_DEEP', 'FEATURES_TOO_DEEP']);
  });

  it('is not what is there twice', async () => {
    const list = [A];

    expect(await namesIn([list, list, [list]])).to.deep.equal(['A']);
  });

  it('may be a loader class, which is run once', async () => {
    let runs = 0;
    @FeatureLoader()
    class Loader {
      load(): unknown {
        runs++;
        return [A, Loader];
      }
    }

    expect(await codesIn([Loader])).to.deep.equal([]);
    expect(runs).to.equal(1);
  });
});

describe('A feature that fails to load', () => {
  const failing: [what: string, input: unknown][] = [
    ['a promise that rejects', Promise.reject(new RangeError('no'))],
    [
      'a function that throws',
      () => {
        throw new RangeError('no');
      },
    ],
    ['a function that rejects', () => Promise.reject(new RangeError('no'))],
    [
      'a generator that throws',
      function* () {
        yield A;
        throw new RangeError('no');
      },
    ],
    [
      'an iterator that throws',
      {
        [Symbol.iterator]: () => {
          throw new RangeError('no');
        },
      },
    ],
    [
      'a module with a getter that throws',
      Object.defineProperty(namespace({}), 'x', {
        enumerable: true,
        get() {
          throw new RangeError('no');
        },
      }),
    ],
  ];
  for (const [, input] of failing) if (input instanceof Promise) input.catch(() => {});

  for (const [what, input] of failing) {
    it(`is a problem of that alone: ${what}`, async () => {
      const { features, problems } = await collect([input, B]);

      expect(problems.map(({ code }) => code)).to.deep.equal(['IMPORT_FAILED']);
      expect(problems[0]!.cause).to.be.instanceOf(RangeError);
      expect(features.at(-1)?.record.name).to.equal('B');
    });
  }

  it('is a problem also in an array in an array, and no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      const reject = () => Promise.reject(new RangeError('no'));
      const backend = new QuietBackend([[[A, [reject()]]]]).add([[reject()]]);
      // What is told later is not looked at before there was time to count it as unhandled.
      await new Promise(resolve => setTimeout(resolve, 5));

      const problems = await startupProblems(backend.plan());

      expect(problems.map(({ code, path }) => [code, path[0]])).to.deep.equal([
        ['IMPORT_FAILED', 'in features[0][0][1][0]'],
        ['IMPORT_FAILED', 'in features[1][0][0]'],
      ]);
      expect(unhandled).to.deep.equal([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('because of an import cycle says so', async () => {
    const inCycle = new ReferenceError("Cannot access 'Catalog' before initialization");

    const { problems } = await collect([
      () => {
        throw inCycle;
      },
    ]);

    expect(problems.map(({ code, message }) => [code, message.slice(0, 9)])).to.deep.equal([
      ['IMPORT_CYCLE', "'Catalog'"],
    ]);
  });

  it('with something odd is a problem as well', async () => {
    for (const odd of [undefined, null, 'text', Object.create(null)]) {
      const { problems } = await collect([() => Promise.reject(odd as Error)]);

      expect(problems.map(({ code }) => code)).to.deep.equal(['IMPORT_FAILED']);
    }
  });
});

describe('A feature loader', () => {
  it('is given root services, and gives more features, of which each problem has its way', async () => {
    @FeatureLoader()
    class Loader {
      constructor(readonly logger: RootLoggerService) {}

      load(): unknown {
        return [A, 7];
      }
    }

    const [problem, ...others] = await problemsIn([Loader]);

    expect(others).to.deep.equal([]);
    expect(problem?.path).to.deep.equal(['in features[0] → loader Loader[1]']);
  });

  it('that cannot be made is told with every reason', async () => {
    class Loader {
      load(): unknown {
        return A;
      }
    }
    const nowhere = createServiceRef<object>({ id: 'acme.nowhere', scope: 'root' });
    for (const [index, token] of [nowhere, Undecorated, undefined].entries()) {
      (Inject(token as never) as ParameterDecorator)(Loader, undefined, index);
    }
    FeatureLoader()(Loader);

    expect(await codesIn([Loader])).to.deep.equal(['MISSING_SERVICE', 'UNDECORATED_CLASS', 'UNDEFINED_TOKEN']);
  });

  it('that fails is a problem of that alone', async () => {
    @FeatureLoader()
    class Loader {
      load(): unknown {
        throw new RangeError('no');
      }
    }

    expect(await codesIn([Loader, B])).to.deep.equal(['IMPORT_FAILED']);
  });
});
