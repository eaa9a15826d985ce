import { expect } from 'chai';
import { Plugin, Service } from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';

let made: string[];

abstract class Noted {
  constructor() {
    made.push(new.target.name);
  }
}

@Service({ id: 'acme.eager-root', scope: 'root' })
class EagerRoot extends Noted {}

@Service({ id: 'acme.lazy-root', scope: 'root', eager: false })
class LazyRoot extends Noted {}

@Service({ id: 'acme.lazy-plugin', scope: 'plugin' })
class LazyPlugin extends Noted {}

@Service({ id: 'acme.eager-plugin', scope: 'plugin', eager: true })
class EagerPlugin extends Noted {}

@Plugin({ pluginId: 'a' })
class PluginA extends Noted {}

@Plugin({ pluginId: 'b' })
class PluginB extends Noted {}

async function madeBy(features: readonly unknown[], options = {}): Promise<string[]> {
  made = [];
  await using _backend = await TestBackend.start({ features, ...options });
  return made;
}

describe('A service that nobody needs', () => {
  it('is constructed when the backend starts where it is a root service', async () => {
    expect(await madeBy([EagerRoot])).to.deep.equal(['EagerRoot']);
  });

  it('is never constructed where it is a root service with eager: false', async () => {
    expect(await madeBy([LazyRoot])).to.deep.equal([]);
  });

  it('is never constructed where it is a plugin service', async () => {
    expect(await madeBy([LazyPlugin, PluginA])).to.deep.equal(['PluginA']);
  });

  it('is constructed before each plugin where it is a plugin service with eager: true', async () => {
    const order = await madeBy([EagerPlugin, PluginA, PluginB]);

    expect(order).to.have.members(['EagerPlugin', 'EagerPlugin', 'PluginA', 'PluginB']);
    expect(order[0]).to.equal('EagerPlugin');
  });

  it('is not constructed in the plugins that an eager implementation is not for', async () => {
    @Service({ implements: LazyPlugin, plugins: ['a'], eager: true })
    class EagerInA extends LazyPlugin {}

    expect(await madeBy([EagerInA, PluginA, PluginB])).to.have.members(['EagerInA', 'PluginA', 'PluginB']);
  });

  it('is as eager as the implementation that is chosen', async () => {
    @Service({ implements: EagerRoot, eager: false })
    class Idle extends EagerRoot {}

    expect(await madeBy([Idle])).to.deep.equal([]);
  });

  it('is as eager under a test’s override as without', async () => {
    class Fake extends Noted {}
    const overrides = [override(LazyRoot).withClass(Fake), override(EagerRoot).withClass(Fake)];

    expect(await madeBy([LazyRoot, EagerRoot], { overrides })).to.deep.equal(['Fake']);
  });

  it('is as lazy under a test’s override as its implementation', async () => {
    @Service({ implements: EagerRoot, eager: false })
    class Idle extends EagerRoot {}
    class Fake extends Noted {}

    expect(await madeBy([Idle], { overrides: [override(EagerRoot).withClass(Fake)] })).to.deep.equal([]);
  });
});

describe('A lazy service', () => {
  it('is constructed once somebody needs it, before who does', async () => {
    @Plugin({ pluginId: 'c' })
    class PluginC extends Noted {
      constructor(
        readonly root: LazyRoot,
        readonly service: LazyPlugin,
      ) {
        super();
      }
    }

    expect(await madeBy([PluginC, LazyRoot])).to.deep.equal(['LazyRoot', 'LazyPlugin', 'PluginC']);
  });

  it('of root scope is constructed once for all plugins', async () => {
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(readonly root: LazyRoot) {}
    }
    @Plugin({ pluginId: 'd' })
    class PluginD {
      constructor(readonly root: LazyRoot) {}
    }

    expect(await madeBy([PluginC, PluginD])).to.deep.equal(['LazyRoot']);
  });

  it('is constructed when an eager one needs it', async () => {
    @Service({ id: 'acme.needy', scope: 'root' })
    class Needy extends Noted {
      constructor(readonly root: LazyRoot) {
        super();
      }
    }

    expect(await madeBy([Needy])).to.deep.equal(['LazyRoot', 'Needy']);
  });
});
