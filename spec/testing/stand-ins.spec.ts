import { expect } from 'chai';
import { ExtensionPoint, Module, Plugin } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';

@ExtensionPoint({ pluginId: 'catalog', id: 'processing' })
abstract class Processing {
  abstract add(name: string): void;
}

class NamesOnly extends Processing {
  readonly names: string[] = [];

  override add(name: string): void {
    this.names.push(name);
  }
}

@Module({ pluginId: 'catalog', moduleId: 'npm' })
class ModuleNpm {
  constructor(private readonly processing: Processing) {}

  init(): void {
    this.processing.add('npm');
  }
}

describe('TestBackend › extensionPoints', () => {
  it('stand in for those of a plugin that is not there', async () => {
    const processing = new NamesOnly();

    await using _ = await TestBackend.start({ features: [ModuleNpm], extensionPoints: [[Processing, processing]] });

    expect(processing.names).to.deep.equal(['npm']);
  });

  it('stand in for those of the plugin', async () => {
    @ExtensionPoint({ implements: Processing })
    class Registry extends Processing {
      override add(): void {
        throw new Error('the test has its own');
      }
    }
    @Plugin({ pluginId: 'catalog', extensionPoints: [Registry] })
    class CatalogPlugin {}
    const processing = new NamesOnly();

    await using _ = await TestBackend.start({
      features: [ModuleNpm, CatalogPlugin],
      extensionPoints: [[Processing, processing]],
    });

    expect(processing.names).to.deep.equal(['npm']);
  });

  it('do not hide that the plugin, which is there, provides none', async () => {
    @Plugin({ pluginId: 'catalog' })
    class CatalogPlugin {}

    const failure = await TestBackend.start({
      features: [ModuleNpm, CatalogPlugin],
      extensionPoints: [[Processing, new NamesOnly()]],
    }).catch((error: unknown) => error);

    expect(failure).to.have.nested.property('problems[0].code', 'MISSING_EXTENSION_POINT');
  });
});
