import { expect } from 'chai';
import { Inject, Injectable, Module, Plugin, Service } from '../../decorators/index.js';
import { clientOf } from '../../lib/api/client-of.js';
import type { JsonObject } from '../../lib/api/config-service.js';
import { DiscoveryService } from '../../lib/api/discovery-service.js';
import { defineApi, get } from '../../lib/contract/index.js';
import { override, TestBackend, type TestBackendOptions } from '../../lib/testing/index.js';

class ElsewhereClient extends clientOf(defineApi({ pluginId: 'elsewhere', operations: { ask: get('/ask') } })) {}

@Injectable()
class Collector {
  constructor(@Inject(ElsewhereClient) readonly client: ElsewhereClient) {}
}

@Plugin({ pluginId: 'front' })
class FrontPlugin {
  constructor(@Inject(Collector) readonly collector: Collector) {}
}

@Plugin({ pluginId: 'plain' })
class PlainPlugin {}

@Module({ pluginId: 'plain', moduleId: 'asking' })
class AskingModule {
  constructor(@Inject(ElsewhereClient) readonly client: ElsewhereClient) {}
}

@Plugin({ pluginId: 'elsewhere' })
class ElsewherePlugin {}

const target = 'http://localhost/api/{{pluginId}}';
const endpoints = (...plugins: string[]): JsonObject => ({ discovery: { endpoints: [{ target, plugins }] } });

async function warned(options: TestBackendOptions): Promise<string[]> {
  const { warnings } = await TestBackend.plan(options);
  return warnings.filter(({ code }) => code === 'UNREACHABLE_PLUGIN').map(({ path }) => path[0]!.split(' (')[0]!);
}

describe('A client of a plugin that runs nowhere', () => {
  it('is told by the plan, of plugins and of modules, also where a private class of theirs has it', async () => {
    expect(await warned({ features: [FrontPlugin, PlainPlugin, AskingModule] })).to.have.members([
      "in plugin 'front'",
      "in module 'asking' of plugin 'plain'",
    ]);
  });

  it('is none where the plugin is installed, or an endpoint names it or all', async () => {
    expect(await warned({ features: [FrontPlugin, ElsewherePlugin] })).to.deep.equal([]);
    expect(await warned({ features: [FrontPlugin], config: endpoints('elsewhere') })).to.deep.equal([]);
    expect(await warned({ features: [FrontPlugin], config: endpoints('*') })).to.deep.equal([]);
    expect(await warned({ features: [FrontPlugin], config: endpoints('other') })).to.have.length(1);
  });

  it('is none where something else says where plugins are, or takes the place of the client', async () => {
    @Service({ implements: DiscoveryService })
    class OtherDiscovery extends DiscoveryService {
      getBaseUrl = () => Promise.resolve('http://localhost');
      getExternalBaseUrl = () => Promise.resolve('http://localhost');
      knows = () => true;
      isLocal = () => false;
    }
    const replaced = [override(ElsewhereClient).withValue({ ask: () => Promise.resolve() })];

    expect(await warned({ features: [FrontPlugin, OtherDiscovery] })).to.deep.equal([]);
    expect(await warned({ features: [FrontPlugin], overrides: replaced })).to.deep.equal([]);
  });

  it('is among what the plan says that a plugin calls', async () => {
    const { owners } = await TestBackend.plan({ features: [FrontPlugin, ElsewherePlugin] });

    expect(owners.map(({ owner, calls }) => [owner, calls])).to.deep.equal([
      ["plugin 'front'", ['elsewhere']],
      ["plugin 'elsewhere'", []],
    ]);
  });
});
