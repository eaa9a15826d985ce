import { expect } from 'chai';
import { createServiceRef, ExtensionPoint, Inject, Module, Plugin } from '../../decorators/index.js';
import { planningProgram } from '../errors/error-fixture.js';
import { codesIn, codesInProgram, onlyProblemIn, planOf } from './plan-problems.js';

@Plugin({ pluginId: 'catalog' })
class Catalog {}

function module(
  moduleId: string,
  options: { after?: readonly string[]; extensionPoints?: readonly never[] } = {},
): unknown {
  class Something {}
  Module({ pluginId: 'catalog', moduleId, ...options })(Something);
  return Something;
}

async function orderOf(...modules: readonly unknown[]): Promise<readonly string[]> {
  const { order } = await planOf([Catalog, ...modules]);
  return order.plugins['catalog']!.init.map(title => /module '(.+?)'/.exec(title)?.[1] ?? 'the plugin');
}

describe('Modules', () => {
  it('run in the order in which they were added, and before their plugin', async () => {
    expect(await orderOf(module('c'), module('a'), module('b'))).to.deep.equal(['c', 'a', 'b', 'the plugin']);
  });

  it("run after those that their 'after' names", async () => {
    const order = await orderOf(module('a', { after: ['c'] }), module('b'), module('c', { after: ['b'] }));

    expect(order).to.deep.equal(['b', 'c', 'a', 'the plugin']);
  });

  it("do not mind a module in 'after' that is not there", async () => {
    expect(await orderOf(module('a', { after: ['elsewhere'] }), module('b'))).to.deep.equal(['a', 'b', 'the plugin']);
  });

  it('that provide an extension point run after those that use it', async () => {
    abstract class Point {}
    ExtensionPoint({ pluginId: 'catalog', id: 'point' })(Point);
    class Registry extends Point {}
    ExtensionPoint({ implements: Point })(Registry);
    class User {}
    (Inject(Point) as ParameterDecorator)(User, undefined, 0);
    Module({ pluginId: 'catalog', moduleId: 'user' })(User);

    const order = await orderOf(module('provider', { extensionPoints: [Registry as never] }), User);

    expect(order).to.deep.equal(['user', 'provider', 'the plugin']);
  });

  it('that wait for each other are told once, with the path', async () => {
    const modules = [module('a', { after: ['c'] }), module('b', { after: ['a'] }), module('c', { after: ['b'] })];

    const { code, message, path } = await onlyProblemIn([Catalog, ...modules]);

    expect(code).to.equal('MODULE_CYCLE');
    expect(message).to.contain("'a' -> 'c' -> 'b' -> 'a'");
    expect(path).to.have.length(3);
  });

  it('that wait for themselves are told', async () => {
    expect(await codesIn([Catalog, module('a', { after: ['a'] })])).to.deep.equal(['MODULE_CYCLE']);
  });

  it('that wait for each other by an extension point and by "after" are told', async () => {
    abstract class Point {}
    ExtensionPoint({ pluginId: 'catalog', id: 'point' })(Point);
    class Registry extends Point {}
    ExtensionPoint({ implements: Point })(Registry);
    class User {}
    (Inject(Point) as ParameterDecorator)(User, undefined, 0);
    Module({ pluginId: 'catalog', moduleId: 'user', after: ['provider'] })(User);

    const features = [Catalog, User, module('provider', { extensionPoints: [Registry as never] })];

    expect(await codesIn(features)).to.deep.equal(['MODULE_CYCLE']);
  });

  it('of one id are told with both places', async () => {
    const { code, path } = await onlyProblemIn([Catalog, module('a'), module('a')]);

    expect(code).to.equal('DUPLICATE_MODULE');
    for (const step of path) expect(step).to.match(/\(spec\/plan\/modules\.spec\.ts:\d+:\d+\)$/);
  });

  it('of one id but of different plugins are none of each other’s business', async () => {
    @Plugin({ pluginId: 'search' })
    class Search {}
    @Module({ pluginId: 'search', moduleId: 'a' })
    class SearchModule {}

    expect(await codesIn([Catalog, Search, module('a'), SearchModule])).to.deep.equal([]);
  });
});

describe('A module without its plugin', () => {
  it('is told with what was meant', async () => {
    const [problem] = await planningProgram({ features: [module('a'), Similar] })();

    expect(problem?.code).to.equal('MODULE_WITHOUT_PLUGIN');
    expect(problem?.fix).to.contain("did you mean 'catalogs'?");
  });

  it('is told together with everything else that is wrong with it', async () => {
    class Wrong {}
    (Inject(createServiceRef<object>({ id: 'acme.nowhere' })) as ParameterDecorator)(Wrong, undefined, 0);
    Module({ pluginId: 'catalog', moduleId: 'wrong', controllers: [Catalog] })(Wrong);

    expect(await codesInProgram([Wrong])).to.deep.equal([
      'MODULE_WITHOUT_PLUGIN',
      'NOT_A_CONTROLLER',
      'MISSING_SERVICE',
    ]);
  });

  it('is not told that extension points are missing, which nobody can know', async () => {
    abstract class Point {}
    ExtensionPoint({ pluginId: 'catalog', id: 'point' })(Point);
    class User {}
    (Inject(Point) as ParameterDecorator)(User, undefined, 0);
    Module({ pluginId: 'catalog', moduleId: 'user' })(User);

    expect(await codesInProgram([User])).to.deep.equal(['MODULE_WITHOUT_PLUGIN']);
  });
});

@Plugin({ pluginId: 'catalogs' })
class Similar {}
