import type { Entity } from '@inventory/plugin-catalog-common';
import { CatalogProcessing, type EntityProvider } from '@inventory/plugin-catalog-node';
import { TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { CatalogModuleDescriptors } from './catalog-module-descriptors.js';

class ProvidersOnly extends CatalogProcessing {
  readonly providers: EntityProvider[] = [];

  override addProvider(provider: EntityProvider): void {
    this.providers.push(provider);
  }

  override addLocationReader(): void {}
}

describe('module descriptors of plugin catalog', () => {
  it('adds a provider of what is declared below the configured folders', async () => {
    const processing = new ProvidersOnly();
    await using _ = await TestBackend.start({
      features: [CatalogModuleDescriptors],
      extensionPoints: [[CatalogProcessing, processing]],
      config: { catalog: { descriptors: { folders: ['samples'] } } },
    });

    const entities: Entity[] = [];
    const [provider] = processing.providers;
    const report = (place: string, problem: string): void => expect.fail(`${place}: ${problem}`);
    for await (const entity of provider!.read({ signal: new AbortController().signal, report })) entities.push(entity);

    expect(processing.providers.map(({ name }) => name)).to.deep.equal(['descriptors']);
    expect(entities.map(({ name }) => name)).to.include.members(['inventory-portal', 'plugin-catalog-backend']);
  });
});
