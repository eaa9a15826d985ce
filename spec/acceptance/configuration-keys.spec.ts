import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { Module, Plugin } from '../../decorators/index.js';
import { askedConfig } from '../../lib/api/asked-config.js';
import type { JsonObject, JsonValue } from '../../lib/api/config-service.js';
import { RootSecretsService } from '../../lib/api/root-secrets-service.js';
import { Backend } from '../../lib/backend/backend.js';
import { framework } from '../../lib/composition-root.js';
import { selfSignedCertificate } from '../../lib/services/http/self-signed-certificate.js';
import { override } from '../../lib/testing/override.js';
import { PackageTree } from '../scan/package-tree.js';
import { FixedSecrets } from '../services/logger/logger-fixture.js';
import { problemsOf } from '../errors/error-fixture.js';
import { repository } from './program.js';

@Plugin({ pluginId: 'documented' })
class DocumentedPlugin {}

@Module({ pluginId: 'documented', moduleId: 'extra' })
class ExtraModule {}

/** Something at every place where the framework reads by a name that the user chooses, or where there is a choice. */
const backend: JsonObject = {
  listen: { host: '127.0.0.1', port: 0 },
  packages: { include: [] },
  health: { headers: { 'x-named': 'yes' } },
  logger: { level: 'silent', overrides: [{ matchers: { plugin: 'documented' }, level: 'silent' }] },
  startup: { plugins: { documented: { modules: { extra: {} } } } },
  supervision: { plugins: { documented: {} } },
  csp: { 'img-src': ['*'] },
  cors: { origin: 'https://portal.test' },
  // Nobody answers there.
  rateLimit: { plugin: { documented: true }, store: { type: 'redis', connection: 'redis://127.0.0.1:1' } },
  cache: { store: 'redis', connection: 'redis://127.0.0.1:1' },
  database: { plugin: { documented: {} } },
  auditor: { severityLogLevelMappings: { low: 'debug', medium: 'info', high: 'info', critical: 'info' } },
  metrics: { plugin: { documented: {} } },
  tracing: { plugin: { documented: {} } },
};

/** What a user writes in place of the names above. */
const placeholders: readonly (readonly [RegExp, string])[] = [
  [/\.documented\b/, '.<pluginId>'],
  [/\.extra\b/, '.<moduleId>'],
  [/\.x-named$/, '.<name>'],
  [/\.img-src$/, '.<directive>'],
  [/\[0\]/, '[]'],
];

/** The keys that a start reads, with what a user writes in place of names. */
async function keysRead(): Promise<{ readonly read: readonly string[]; readonly unknown: readonly string[] }> {
  using tree = new PackageTree({ 'package.json': { name: 'app', type: 'module' } });
  const read = new Set<string>();
  const recorded = {
    ...framework,
    loadConfiguration: async (request: Parameters<typeof framework.loadConfiguration>[0]) => {
      const loaded = await framework.loadConfiguration(request);
      return { ...loaded, config: askedConfig(loaded.config, read) };
    },
  };
  const features = [DocumentedPlugin, ExtraModule];
  // It looks behind the configuration, at what none of its keys says.
  const overrides = [override(RootSecretsService).withValue(new FixedSecrets())];
  const certificate = { ...(await selfSignedCertificate('localhost', tree.root)) };
  const config = { backend: { ...backend, https: { certificate } } };
  const options = { features, overrides, config, root: tree.root, scan: {} };
  const running = new Backend(recorded, { ...options, mode: 'test' });
  const { warnings } = await new Backend(framework, { ...options, mode: 'test' }).plan();
  await running.start();
  await running.stop();
  const unknown = warnings.filter(({ code }) => code === 'UNKNOWN_CONFIG').map(({ message }) => message);
  const named = [...read].map(key => placeholders.reduce((text, [name, instead]) => text.replace(name, instead), key));
  return { read: named, unknown };
}

describe('docs/configuration.md', () => {
  const text = readFileSync(`${repository}docs/configuration.md`, 'utf8');
  const documented = [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key!);
  let read: readonly string[];
  let unknown: readonly string[];
  before(async () => {
    ({ read, unknown } = await keysRead());
  });

  it('has no key that the plan takes for one that nobody reads', () => {
    expect(unknown).to.deep.equal([]);
  });

  it('has every key that a start reads', () => {
    const isKnown = (key: string): boolean =>
      documented.some(known => known === key || known.startsWith(`${key}.`) || known.startsWith(`${key}[`));

    expect(read.filter(key => !isKnown(key))).to.deep.equal([]);
  });

  it('has no key that a start does not read', () => {
    expect(documented.filter(key => !read.includes(key))).to.deep.equal([]);
  });

  it('has no key that is taken for a misspelt one, whatever else is there or wrong', async () => {
    const refused: string[] = [];
    for (const key of documented) {
      const names = key
        .replace(/<pluginId>/, 'documented')
        .replace(/<moduleId>/, 'extra')
        .split('.');
      const config = names.reduceRight<JsonValue>(
        (below, name) => (name.endsWith('[]') ? { [name.slice(0, -2)]: [below] } : { [name]: below }),
        'wrong',
      ) as JsonObject;
      const options = { features: [DocumentedPlugin, ExtraModule], config, mode: 'test' as const };
      const problems = await problemsOf(() => new Backend(framework, options).plan());
      refused.push(...problems.filter(({ code }) => code === 'UNKNOWN_CONFIG').map(({ message }) => message));
    }

    expect(refused).to.deep.equal([]);
  });

  it('has each key once', () => {
    expect(documented)
      .to.deep.equal([...new Set(documented)])
      .and.have.length.above(30);
  });
});
