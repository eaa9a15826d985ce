import { expect } from 'chai';
import { z } from 'zod';
import { configOf, Plugin, RootConfigService, RootHttpRouterService } from '../../lib/index.js';
import { mockServices, override, TestBackend } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

class Section extends configOf('a', z.object({ name: z.string() })) {}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(
    readonly section: Section,
    readonly config: RootConfigService,
  ) {}
  async init(): Promise<void> {
    if (this.section.name === 'slow') await new Promise(() => {});
  }
}

const a = { pluginId: 'a' };
const given = (data: Parameters<typeof mockServices.rootConfig>[0] & object) =>
  override(RootConfigService).withValue(mockServices.rootConfig(data));

describe('TestBackend › a configuration that a test overrides', () => {
  it('is what sections read, and views', async () => {
    const overrides = [given({ data: { a: { name: 'given' }, b: { secret: 1 } } })];
    await using backend = await TestBackend.start({ features: [PluginA], overrides });
    const { section, config } = backend.get(PluginA, a);

    expect(section.name).to.equal('given');
    expect(config.getString('a.name')).to.equal('given');
    expect(config.has('b')).to.equal(false);
  });

  it('is what a section is checked against', async () => {
    const overrides = [given({ data: { a: { name: 7 } } })];

    const [problem, ...others] = await startupProblems(TestBackend.start({ features: [PluginA], overrides }));

    expect(others).to.deep.equal([]);
    expect(problem).to.include({ code: 'INVALID_CONFIG' });
  });

  it('is what the backend itself reads', async () => {
    const backend = { startup: { initTimeout: 20 } };
    const overrides = [given({ data: { a: { name: 'slow' }, backend } })];

    const [problem] = await startupProblems(TestBackend.start({ features: [PluginA], overrides }));

    expect(problem).to.include({ code: 'PLUGIN_START_TIMEOUT' });
    expect(problem?.message).to.include('20 ms');
  });

  it('opens no port, also where it has a section for the backend', async () => {
    const overrides = [given({ data: { a: { name: 'given' }, backend: { baseUrl: 'http://localhost' } } })];
    await using backend = await TestBackend.start({ features: [PluginA], overrides });

    expect(backend.get(RootHttpRouterService).address).to.equal(undefined);
  });

  it('gives way to what the test says as the configuration, key by key at the top', async () => {
    const overrides = [given({ data: { a: { name: 'given' }, b: 1 } })];
    await using backend = await TestBackend.start({ features: [PluginA], overrides, config: { a: { name: 'said' } } });

    expect(backend.get(PluginA, a).section.name).to.equal('said');
    expect(backend.get(RootConfigService).getNumber('b')).to.equal(1);
  });

  it('may be a factory or a class only where settings and sections come from elsewhere', async () => {
    const overrides = [
      override(RootConfigService).withFactory(() => mockServices.rootConfig({ data: { a: { x: 1 } } })),
    ];
    await using backend = await TestBackend.start({ features: [PluginA], overrides, config: { a: { name: 'said' } } });

    expect(backend.get(PluginA, a).section.name).to.equal('said');
    expect(backend.get(RootConfigService).getNumber('a.x')).to.equal(1);
  });
});
