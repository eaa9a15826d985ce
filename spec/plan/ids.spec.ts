import { expect } from 'chai';
import { createServiceRef, ExtensionPoint, Module, Plugin, Service } from '../../decorators/index.js';
import { codesIn, onlyProblemIn } from './plan-problems.js';

function plugin(pluginId: string): unknown {
  class Somebody {}
  Plugin({ pluginId })(Somebody);
  return Somebody;
}

function module(pluginId: string, moduleId: string): unknown {
  class Something {}
  Module({ pluginId, moduleId })(Something);
  return Something;
}

function service(id: string): unknown {
  class Anything {}
  Service({ implements: createServiceRef<object>({ id }) })(Anything);
  return Anything;
}

describe('An id', () => {
  for (const id of ['a', 'catalog', 'my-plugin', 'a1', 'a-1', 'a'.repeat(63)]) {
    it(`of a plugin or module may be '${id.slice(0, 12)}'`, async () => {
      expect(await codesIn([plugin(id), module(id, id)])).to.deep.equal([]);
    });
  }

  for (const id of [
    '',
    '../x',
    'a/b',
    'A',
    'myPlugin',
    'my_plugin',
    '1a',
    '-a',
    'a-',
    'a--b',
    'a.b',
    'a b',
    'ä',
    '.backplane',
    '__proto__',
    'a'.repeat(64),
    undefined as unknown as string,
    7 as unknown as string,
  ]) {
    it(`of a plugin or module cannot be '${id}'`, async () => {
      expect(await codesIn([plugin(id)])).to.deep.equal(['INVALID_ID']);
      expect(await codesIn([plugin('a'), module('a', id)])).to.deep.equal(['INVALID_ID']);
    });
  }

  for (const id of ['acme.clock', 'acme.user-directory', 'a.b', 'acme.clocks.atomic']) {
    it(`of a service may be '${id}'`, async () => {
      expect(await codesIn([service(id)])).to.deep.equal([]);
    });
  }

  for (const id of ['clock', 'acme.', '.clock', 'acme..clock', 'Acme.clock', 'acme/clock', '', `a.${'b'.repeat(62)}`]) {
    it(`of a service cannot be '${id.slice(0, 12)}'`, async () => {
      expect(await codesIn([service(id)])).to.deep.equal(['INVALID_ID']);
    });
  }

  for (const [pluginId, id] of [
    ['catalog', 'Processing'],
    ['catalog', 'a.b'],
    ['catalog', ''],
    ['cata.log', 'processing'],
  ] as const) {
    it(`of an extension point cannot be '${id}' of '${pluginId}'`, async () => {
      abstract class Point {}
      ExtensionPoint({ pluginId, id })(Point);
      class Registry extends Point {}
      ExtensionPoint({ implements: Point })(Registry);
      class Provider {}
      Plugin({ pluginId, extensionPoints: [Registry] })(Provider);

      expect(new Set(await codesIn([Provider]))).to.deep.equal(new Set(['INVALID_ID']));
    });
  }

  it("is the framework's where it begins with 'core.'", async () => {
    expect(await codesIn([service('core.clock')])).to.deep.equal(['RESERVED_ID']);
    expect(await codesIn([service('core.logger')])).to.include('RESERVED_ID');
    expect(await codesIn([plugin('core')])).to.deep.equal(['RESERVED_ID']);
  });

  it("is anybody's where it only looks like that", async () => {
    expect(await codesIn([service('core-team.clock'), plugin('core-team')])).to.deep.equal([]);
  });

  it('of a service can be no id of an extension point', async () => {
    @ExtensionPoint({ pluginId: 'catalog', id: 'thing' })
    abstract class Point {
      abstract add(): void;
    }
    @ExtensionPoint({ implements: Point })
    class Registry extends Point {
      add(): void {}
    }
    @Plugin({ pluginId: 'catalog', extensionPoints: [Registry] })
    class Catalog {}

    const { code, path } = await onlyProblemIn([Catalog, service('catalog.thing')]);

    expect(code).to.equal('DUPLICATE_ID');
    expect(path).to.have.length(2);
  });
});
