import type { Entity } from '@inventory/plugin-catalog-common';
import { CatalogProcessing, type EntityProvider } from '@inventory/plugin-catalog-node';
import { TestBackend } from 'backplane/testing';
import { expect } from 'chai';
import { CatalogModuleNpm } from './catalog-module-npm.js';

class ProvidersOnly extends CatalogProcessing {
  readonly providers: EntityProvider[] = [];

  override addProvider(provider: EntityProvider): void {
    this.providers.push(provider);
  }

  override addLocationReader(): void {}
}

describe('module npm of plugin catalog', () => {
  it('adds a provider of the packages below the configured roots', async () => {
    const processing = new ProvidersOnly();
    await using _ = await TestBackend.start({
      features: [CatalogModuleNpm],
      extensionPoints: [[CatalogProcessing, processing]],
      config: { catalog: { npm: { roots: ['.'] } } },
    });

    const entities: Entity[] = [];
    const [provider] = processing.providers;
    const report = (place: string, problem: string): void => expect.fail(`${place}: ${problem}`);
    for await (const entity of provider!.read({ signal: new AbortController().signal, report })) entities.push(entity);

    expect(processing.providers.map(({ name }) => name)).to.deep.equal(['npm']);
    expect(entities.map(({ name }) => name)).to.include.members(['koa', 'backplane']);
  });

  it('does not start with roots that are no list', async () => {
    const failure = await TestBackend.start({
      features: [CatalogModuleNpm],
      extensionPoints: [[CatalogProcessing, new ProvidersOnly()]],
      config: { catalog: { npm: { roots: { here: '.' } } } },
    }).catch((error: unknown) => error);

    expect(failure).to.have.nested.property('problems[0].code', 'INVALID_CONFIG');
  });
});
