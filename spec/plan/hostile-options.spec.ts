import { expect } from 'chai';
import {
  Controller,
  createExtensionPoint,
  createServiceRef,
  ExtensionPoint,
  FeatureLoader,
  Get,
  HealthCheck,
  Inject,
  InjectAll,
  Module,
  Operation,
  Optional,
  Plugin,
  Scheduled,
  Service,
  Subscribe,
} from '../../decorators/index.js';
import { defineApi, get } from '../../lib/contract/index.js';
import { codesIn, onlyProblemIn } from './plan-problems.js';

/** What JavaScript, or an import cycle, may give instead of what the types say. */
const anything: readonly unknown[] = [
  undefined,
  null,
  0,
  Number.NaN,
  '',
  'text',
  {},
  [],
  () => 1,
  Symbol('symbol'),
  class {},
  new Date(0),
  [undefined],
  [null],
  ['text'],
  Object.create(null),
];

/** The same, but for a class: a decorator that is given one was written without parentheses. */
const anyOptions = anything.filter(value => !/^class\b/.test(String(typeof value === 'function' ? value : '')));

/** The options as they should be, nothing in their place, and anything in the place of each. */
function variantsOf(options: Record<string, unknown>): readonly unknown[] {
  const oneWrong = Object.keys(options).flatMap(key => anything.map(value => ({ ...options, [key]: value })));
  return [undefined, null, options, ...oneWrong];
}

const ref = createServiceRef<object>({ id: 'acme.thing' });
const point = createExtensionPoint<object>({ pluginId: 'p', id: 'point' });

const api = defineApi({ pluginId: 'p', operations: { read: get('/read') } });

type Apply = (target: object, ...rest: unknown[]) => void;

function pluginWith(options: Record<string, unknown>, token?: unknown): unknown {
  class P {}
  if (token !== undefined) (Inject(token as never) as Apply)(P, undefined, 0);
  (Plugin({ pluginId: 'p', ...options }) as Apply)(P);
  return P;
}

/** Each makes features of one thing that is not as it should be. */
const cases: Record<string, readonly (() => readonly unknown[])[]> = {
  '@Plugin': variantsOf({ pluginId: 'p', extensionPoints: [], controllers: [], allow: [], config: [] }).map(
    options => () => {
      class P {}
      (Plugin(options as never) as Apply)(P);
      return [P];
    },
  ),
  '@Module': variantsOf({ pluginId: 'p', moduleId: 'm', after: [], controllers: [], extensionPoints: [] }).map(
    options => () => {
      class M {}
      (Module(options as never) as Apply)(M);
      return [pluginWith({}), M];
    },
  ),
  '@Service that declares': variantsOf({
    id: 'a.b',
    scope: 'root',
    multiton: false,
    default: () => class {},
    eager: true,
    retry: { attempts: 1, delay: 1 },
    create: [],
  }).map(options => () => {
    class S {}
    (Service(options as never) as Apply)(S);
    return [S, pluginWith({}, S)];
  }),
  '@Service that implements': variantsOf({ implements: ref, plugins: ['p'], create: [], eager: true }).map(
    options => () => {
      class S {
        static create(): S {
          return new S();
        }
      }
      (Service(options as never) as Apply)(S);
      return [S, pluginWith({}, ref)];
    },
  ),
  '@Service that wraps': variantsOf({ wraps: ref, plugins: ['p'] }).map(options => () => {
    class S {
      constructor(readonly inner: object) {}
    }
    (Service(options as never) as Apply)(S);
    return [S, pluginWith({})];
  }),
  '@Controller': variantsOf({ path: '/x', allow: [] }).map(options => () => {
    class C {
      read(): void {}
    }
    (Get('/y') as Apply)(C.prototype, 'read', {});
    (Controller(options as never) as Apply)(C);
    return [pluginWith({ controllers: [C] })];
  }),
  '@Controller of an api': [
    [api, undefined],
    ...anyOptions.flatMap(value => [
      [value, { allow: [] }],
      [api, value],
    ]),
  ].map(([given, options]) => () => {
    class C {
      read(): void {}
    }
    (Controller as (...args: unknown[]) => Apply)(given, options)(C);
    return [pluginWith({ controllers: [C] })];
  }),
  '@Operation': anyOptions.flatMap(value => [
    () => [pluginWithMethod((Operation as (...args: unknown[]) => Apply)(value))],
    () => [pluginWithMethod((Operation as (...args: unknown[]) => Apply)(api.read, { allow: value }))],
  ]),
  '@ExtensionPoint that declares': variantsOf({ pluginId: 'p', id: 'e' }).map(options => () => {
    class E {}
    (ExtensionPoint(options as never) as Apply)(E);
    class R extends E {}
    (ExtensionPoint({ implements: E }) as Apply)(R);
    return [pluginWith({ extensionPoints: [R] })];
  }),
  '@ExtensionPoint that implements': variantsOf({ implements: point, perModule: true }).map(options => () => {
    class R {}
    (ExtensionPoint(options as never) as Apply)(R);
    class M {}
    (Inject(point) as Apply)(M, undefined, 0);
    Module({ pluginId: 'p', moduleId: 'm' })(M);
    return [pluginWith({ extensionPoints: [R] }), M];
  }),
  'createServiceRef()': variantsOf({ id: 'a.b', scope: 'root', multiton: false, default: () => class {} }).map(
    options => () => [pluginWith({}, createServiceRef(options as never))],
  ),
  'createExtensionPoint()': variantsOf({ pluginId: 'p', id: 'e' }).map(options => () => [
    pluginWith({}, createExtensionPoint(options as never)),
  ]),
  '@Get': anyOptions.flatMap(value => [
    () => [pluginWithMethod(Get(value as never) as Apply)],
    () => [pluginWithMethod(Get('/', value as never) as Apply)],
  ]),
  '@HealthCheck': anyOptions.map(value => () => [pluginWithMethod(HealthCheck(value as never) as Apply)]),
  '@Inject': anything.map(value => () => {
    class P {}
    (Inject(value as never) as Apply)(P, undefined, 0);
    Plugin({ pluginId: 'p' })(P);
    return [P];
  }),
  features: anything.map(value => () => [value]),
  'a loader': anything.flatMap(value => [
    () => [() => value],
    () => {
      class L {
        load(): unknown {
          return value;
        }
      }
      FeatureLoader()(L);
      return [L];
    },
  ]),
};

function pluginWithMethod(decorate: Apply): unknown {
  class P {
    read(): void {}
  }
  decorate(P.prototype, 'read', {});
  Plugin({ pluginId: 'p' })(P);
  return P;
}

describe('The plan never fails but with problems, whatever is given to', () => {
  for (const [what, makers] of Object.entries(cases)) {
    it(`${what}, in ${makers.length} ways`, async () => {
      // Anything but a list of problems is thrown.
      for (const make of makers) expect(await codesIn(make())).to.be.an('array');
    });
  }
});

describe('An option of the wrong type', () => {
  it('is told with its decorator, and the plan goes on without it', async () => {
    class Wrong {}
    (Inject(createServiceRef<object>({ id: 'acme.nowhere' })) as Apply)(Wrong, undefined, 0);
    Plugin({ pluginId: 'wrong', controllers: undefined, config: 'catalog' as never, extensionPoints: {} as never })(
      Wrong,
    );

    expect(await codesIn([Wrong])).to.deep.equal(['MISSING_SERVICE', 'INVALID_OPTION', 'INVALID_OPTION']);
  });

  it('of a reference is told as well', async () => {
    const wrong = createServiceRef<object>({ id: 'acme.wrong', scope: 'request' as never, multiton: true });

    const { code, message } = await onlyProblemIn([pluginWithAll(wrong)]);

    expect(code).to.equal('INVALID_OPTION');
    expect(message).to.contain("'root' or 'plugin'");
  });

  it('that is misspelt is told, with what may be meant', async () => {
    class Wrong {}
    (Plugin({ pluginId: 'wrong', controller: [] } as never) as Apply)(Wrong);

    const { code, message, fix } = await onlyProblemIn([Wrong]);

    expect(code).to.equal('INVALID_OPTION');
    expect(message).to.equal(`Option 'controller' of @Plugin means nothing`);
    expect(fix).to.equal(`did you mean 'controllers'? Otherwise remove it.`);
  });

  const nothing: object = { nothing: 1 };
  const misspelt: Record<string, () => readonly unknown[]> = {
    '@Module': () => {
      class M {}
      Module({ pluginId: 'p', moduleId: 'm', ...nothing })(M);
      return [pluginWith({}), M];
    },
    '@Service that declares': () => {
      class S {}
      (Service({ id: 'a.b', scope: 'root', ...nothing }) as Apply)(S);
      return [S, pluginWith({}, S)];
    },
    '@Service that implements': () => {
      class S {}
      (Service({ implements: ref, ...nothing }) as Apply)(S);
      return [S, pluginWith({}, ref)];
    },
    '@Service that wraps': () => {
      class S {}
      Service({ implements: ref })(S);
      class W {
        constructor(readonly inner: object) {}
      }
      (Inject(ref) as Apply)(W, undefined, 0);
      (Service({ wraps: ref, ...nothing }) as Apply)(W);
      return [S, W, pluginWith({}, ref)];
    },
    '@ExtensionPoint that implements': () => {
      class R {}
      ExtensionPoint({ implements: point, ...nothing })(R);
      return [pluginWith({ extensionPoints: [R] })];
    },
    '@Controller': () => {
      class C {}
      (Controller({ path: '/c', ...nothing }) as Apply)(C);
      return [pluginWith({ controllers: [C] })];
    },
    '@Controller of an api': () => {
      class C {
        read(): void {}
      }
      (Controller as (...args: unknown[]) => Apply)(api, nothing)(C);
      return [pluginWith({ controllers: [C] })];
    },
    '@Operation': () => [pluginWithMethod((Operation as (...args: unknown[]) => Apply)(api.read, nothing))],
    '@HealthCheck': () => [pluginWithMethod(HealthCheck(nothing) as Apply)],
    'a reference': () => [pluginWithOptional(createServiceRef({ id: 'a.b', ...nothing }))],
  };
  for (const [what, make] of Object.entries(misspelt)) {
    it(`is told of ${what}`, async () => {
      const { code, message } = await onlyProblemIn(make());

      expect([code, message]).to.satisfy(
        ([found, said]: string[]) => found === 'INVALID_OPTION' && /^Option 'nothing' of .* means nothing$/.test(said!),
        `${code}: ${message}`,
      );
    });
  }

  for (const [what, decorate] of [
    ['@Scheduled', Scheduled({ id: 'task', manual: true, ...nothing })],
    ['@Get', Get('/', nothing)],
  ] as const) {
    it(`is told of ${what} as what it makes`, async () => {
      const { message, fix } = await onlyProblemIn([pluginWithMethod(decorate as Apply)]);

      expect(message).to.contain(`has an option 'nothing', which means nothing`);
      expect(fix).to.match(/^remove it; there are /);
    });
  }

  it('that is a text, and not an object, is told', async () => {
    class C {}
    (Controller('/c' as never) as Apply)(C);

    const { code, message, fix } = await onlyProblemIn([pluginWith({ controllers: [C] })]);

    expect([code, message]).to.deep.equal(['INVALID_OPTION', 'What is given to @Controller is not an object']);
    expect(fix).to.equal('write an object, as { path: … }.');
  });

  it('that is an id is told as one, with the reason that it may have', async () => {
    const { code, fix } = await onlyProblemIn([pluginWith({ pluginId: undefined })]);

    expect(code).to.equal('INVALID_ID');
    expect(fix).to.contain('import each other');
  });
});

describe('A decorator without parentheses', () => {
  const operation = Operation as unknown as Apply;
  for (const [name, decorator] of Object.entries({ Get, HealthCheck, Scheduled, Operation: operation, Subscribe })) {
    it(`is refused above a method: @${name}`, () => {
      class P {
        read(): void {}
      }
      const apply = () => (decorator as unknown as Apply)(P.prototype, 'read', {});

      expect(apply).to.throw(TypeError, `@${name} is written without parentheses`);
    });
  }

  for (const [name, decorator] of Object.entries({ Plugin, Module, Service, ExtensionPoint, Controller })) {
    it(`is refused above a class: @${name}`, () => {
      expect(() => (decorator as unknown as Apply)(class {})).to.throw(
        TypeError,
        `@${name} is written without parentheses`,
      );
    });
  }
});

function pluginWithOptional(token: unknown): unknown {
  class P {}
  (Inject(token as never) as Apply)(P, undefined, 0);
  (Optional() as Apply)(P, undefined, 0);
  Plugin({ pluginId: 'p' })(P);
  return P;
}

function pluginWithAll(token: unknown): unknown {
  class P {}
  (InjectAll(token as never) as Apply)(P, undefined, 0);
  Plugin({ pluginId: 'p' })(P);
  return P;
}
