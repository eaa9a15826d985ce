import type { Class } from '../../decorators/tokens.js';
import { ClassReader } from '../api/class-record.js';
import { configProblems } from '../api/config-problems.js';
import type { Config } from '../api/config-service.js';
import type { Feature, Rank } from '../api/feature.js';
import { importing } from '../api/importing.js';
import type { Problem } from '../errors/problem.js';
import { Catalogue } from '../plan/catalogue.js';
import { loadDefaults } from '../plan/load-defaults.js';
import type { Override } from '../plan/override.js';
import { collectFeatures, type Collected, type FeatureInput } from '../scan/collect-features.js';
import { featuresTooDeep, nothingFound } from '../scan/feature-problems.js';
import type { BackendOptions } from './backend-options.js';
import { builtInTokens } from './built-ins.js';
import type { Framework, ScanOptions } from './framework.js';

interface Parts {
  readonly framework: Framework;
  readonly options: BackendOptions;
  readonly config: Config;
  readonly added: readonly FeatureInput[];
  readonly overrides: readonly Override[];
  /** In ms; absent: what is usual. */
  readonly importTimeout: number | undefined;
  /** Makes a loader class, which may depend on root services that are known by now. */
  readonly makeLoader: (loader: Class, known: Catalogue) => Promise<{ load(): unknown }>;
}

/** Imports everything, runs the feature loaders, and sorts what there is. Every failure is a problem of the catalogue. */
export async function assemble({
  framework,
  options,
  config,
  added,
  overrides,
  importTimeout,
  makeLoader,
}: Parts): Promise<Catalogue> {
  const reader = new ClassReader();
  const collect = (input: unknown, rank: Rank, origin: string) =>
    collectFeatures(input, { reader, rank, origin, importTimeout });
  const parts = [await collect([...added], 'features', 'features')];
  const warnings: Problem[] = [];
  if (options.scan || (!options.features && added.length === 0)) {
    const { found, searched } = await scan({ framework, options, config, importTimeout }, collect);
    parts.push(...found);
    if (found.every(isEmpty)) warnings.push(nothingFound(searched));
  }
  const services = [...framework.services, ...framework.servicesFor(config)];
  const defaults = await collect(services, 'framework', 'framework');

  const gathered = {
    features: parts.flatMap(p => p.features),
    controllers: parts.flatMap(p => p.controllers),
    problems: parts.flatMap(p => p.problems),
  };
  const catalogueOf = () => {
    const catalogue = new Catalogue(reader, distinct([...gathered.features, ...defaults.features]), overrides);
    for (const token of builtInTokens) catalogue.addBuiltIn(token);
    return catalogue;
  };
  const loaders = parts.flatMap(p => p.loaders);
  const ran = new Set<Class>();
  for (let next = loaders.shift(); next; next = loaders.shift()) {
    const { record, origin } = next;
    if (ran.has(record.target)) continue;
    ran.add(record.target);
    if (ran.size > mostLoaders) {
      gathered.problems.push(featuresTooDeep(origin));
      break;
    }
    // Awaited in a promise, so that a loader which fails is reported like an import that fails.
    const loaded = (async () => {
      const loader = await makeLoader(record.target, catalogueOf());
      return importing(origin, () => loader.load());
    })();
    const result = await collect(loaded, 'loader', `${origin} → loader ${record.name}`);
    gathered.features.push(...result.features);
    gathered.controllers.push(...result.controllers);
    gathered.problems.push(...result.problems);
    loaders.unshift(...result.loaders);
  }
  const catalogue = catalogueOf();
  catalogue.problems.push(...gathered.problems);
  catalogue.warnings.push(...warnings);
  catalogue.controllers.push(...gathered.controllers);
  await loadDefaults(catalogue, { importTimeout });
  return catalogue;
}

/** More than any backend has: a loader that makes a new one whenever it runs would go on for ever. */
const mostLoaders = 500;

async function scan(
  { framework, options, config, importTimeout }: Pick<Parts, 'framework' | 'options' | 'config' | 'importTimeout'>,
  collect: (input: unknown, rank: Rank, origin: string) => Promise<Collected>,
): Promise<{ found: Collected[]; searched: readonly string[] }> {
  const unreadable = configProblems(config, packagesOf);
  const packages = unreadable.length > 0 ? {} : packagesOf(config);
  const { sources, problems, searched } = await framework.discover(
    { ...packages, ...options.scan },
    { root: options.root, importTimeout },
  );
  const found: Collected[] = [{ features: [], loaders: [], controllers: [], problems: [...unreadable, ...problems] }];
  for (const source of sources) found.push(await collect(source.load(), 'scan', source.specifier));
  return { found, searched };
}

function isEmpty({ features, loaders, problems }: Collected): boolean {
  return features.length + loaders.length + problems.length === 0;
}

/** `backend.packages`, where it is said: which dependencies are features. */
function packagesOf(config: Config): Pick<ScanOptions, 'packages'> {
  if (!config.has('backend.packages')) return {};
  if (config.getOptional('backend.packages') === 'all') return { packages: 'all' };
  const include = config.getOptionalStringArray('backend.packages.include');
  const exclude = config.getOptionalStringArray('backend.packages.exclude');
  return { packages: { ...(include && { include }), ...(exclude && { exclude }) } };
}

/** The same class named twice, or named and found, counts once: where it was named first. */
function distinct(features: readonly Feature[]): Feature[] {
  const byClass = new Map<Class, Feature>();
  for (const feature of features) if (!byClass.has(feature.record.target)) byClass.set(feature.record.target, feature);
  return [...byClass.values()];
}
