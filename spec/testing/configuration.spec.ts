import { expect } from 'chai';
import { z } from 'zod';
import type { Class } from '../../decorators/tokens.js';
import { type BackplaneError, configOf, Plugin, RootConfigService, RootHttpRouterService } from '../../lib/index.js';
import { mockServices, override, TestBackend } from '../../lib/testing/index.js';
import { rejection } from '../backend/quiet-backend.js';
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

/** A configuration that a test has written itself. */
const Other = class extends (RootConfigService as unknown as Class<object>) {} as Class<RootConfigService>;

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
    const backend = { startup: { initTimeout: 20 }, logger: { level: 'none' } };
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

  it('is data: what would be there only after it has been read is refused', async () => {
    const { withClass, withFactory, withValue } = override(RootConfigService);
    const others = [withClass(Other), withFactory(() => new Other()), withValue(new Other())];

    for (const other of others) {
      const failure = await rejection(TestBackend.start({ features: [], overrides: [other] }));

      expect(failure).to.include({ code: 'NOT_OVERRIDABLE' });
      expect((failure as BackplaneError).problem.path[0]).to.match(/^in override\(\) \(spec\/testing\//);
    }
  });
});
