import { dirname, resolve } from 'node:path';
import type { ConfigSection } from '../../decorators/config-of.js';
import type { Token } from '../../decorators/tokens.js';
import type { BackendStatusService } from '../api/backend-status-service.js';
import { askedConfig } from '../api/asked-config.js';
import { configProblems } from '../api/config-problems.js';
import type { InstalledPlugin, Mode } from '../api/metadata-services.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import type { Override } from '../plan/override.js';
import { unreachablePlugins } from '../plan/called-plugins.js';
import { demandOf } from '../plan/demand.js';
import { createPlan, type Plan } from '../plan/plan.js';
import { unknownConfig } from '../plan/unknown-config.js';
import type { FeatureInput } from '../scan/collect-features.js';
import { assemble } from './assemble.js';
import type { BackendOptions, TestOptions } from './backend-options.js';
import { type BackendSettings, readBackendSettings } from './backend-settings.js';
import { builtInTokens, fixedServices, installedIn, RootInstanceMetadata } from './built-ins.js';
import { declaredConfig } from './declared-config.js';
import { dispose } from './dispose.js';
import type { Framework, LoadedConfiguration } from './framework.js';
import { type RootHooks, RootLifecycle } from './lifecycle-hooks.js';
import { LoaderStage } from './loader-stage.js';
import type { StopSteps } from './stop-steps.js';

/** All that is known before the first service is made. */
export interface Planned {
  readonly plan: Plan;
  readonly config: LoadedConfiguration['config'];
  readonly settings: BackendSettings;
  readonly loaders: LoaderStage;
  readonly provided: ReadonlyMap<string, unknown>;
}

interface Request {
  readonly framework: Framework;
  readonly options: BackendOptions & TestOptions;
  readonly mode: Mode;
  readonly added: readonly FeatureInput[];
  readonly status: BackendStatusService;
  readonly hooks: RootHooks;
  readonly onWarning: (problem: Problem) => void;
  /** How what was made is ended again where there is no plan. */
  readonly steps: StopSteps;
}

/** Configuration, imports, loaders, plan. Rejects with a `BackendStartupError` that lists every problem of all four. */
export async function planBackend({
  framework,
  options,
  mode,
  added,
  status,
  hooks,
  onWarning,
  steps,
}: Request): Promise<Planned> {
  const [, entry] = process.argv;
  const started = options.root ?? (entry === undefined ? process.cwd() : dirname(entry));
  const root = framework.packageFolderOf(resolve(started));
  const loaded = await framework.loadConfiguration({ config: options.config, root, onWarning });
  const { config } = loaded;
  let installed: readonly InstalledPlugin[] = Object.freeze([]);
  /** What the backend itself provides. */
  const provided = new Map<string, unknown>([
    ['core.backend-status', status],
    ['core.root-instance-metadata', new RootInstanceMetadata(mode, root, () => installed)],
    ['core.root-lifecycle', new RootLifecycle(hooks)],
    ['core.root-config', config],
  ]);
  const asked = new Set<string>();
  const noting = askedConfig(config, asked);
  const sections = new SectionReader(framework, config);
  const readSection = sections.read;
  const settings = readSettings(noting);
  const { importTimeout } = 'problems' in settings ? { importTimeout: undefined } : settings;
  const loaders = new LoaderStage(provided, readSection, importTimeout);
  try {
    const overrides = overridesOf(options);
    const catalogue = await assemble({
      framework,
      options,
      config: noting,
      added,
      overrides,
      importTimeout,
      makeLoader: (loader, known) => loaders.make(loader, known),
    });
    const allowed = 'problems' in settings ? new Set<string>() : settings.allowedOverrides;
    const plan = createPlan(catalogue, {
      readSection,
      rules: { fixed: fixedServices, allowed },
      coreTokens: new Set<Token>([...builtInTokens, ...framework.coreTokens]),
      doors: framework.doors,
      methodFaults: (service, annotated, owner) => framework.methodFaults(service, annotated, { ...owner, config }),
      placeholders: options.placeholders ?? false,
    });
    installed = installedIn(plan);
    const wrongSettings = framework.checkSettings(noting, root);
    const isSound = wrongSettings.length === 0;
    const unknown = unknownConfig(config, {
      asked,
      declared: [...(loaded.declared ?? []), ...declaredConfig(plan, framework.services)],
      sections: sections.known,
      installed: installed.map(({ pluginId }) => pluginId),
      elsewhere: isSound ? framework.namedPlugins(config) : undefined,
    });
    const problems = [
      ...loaded.problems,
      ...('problems' in settings ? settings.problems : []),
      ...wrongSettings,
      ...unknown.problems,
      ...(isSound ? framework.missingPackages(config, demandOf(plan, framework.services)) : []),
      ...plan.problems,
      ...loaders.problems(plan),
    ];
    if (problems.length > 0 || 'problems' in settings) throw new BackendStartupError(distinct(problems));
    const warnings = [
      ...loaded.warnings,
      ...unreachablePlugins(plan, framework.namedPlugins(config)),
      ...framework.warnOfSettings(noting),
      ...unknown.warnings,
      ...plan.warnings,
    ];
    return { plan: { ...plan, warnings }, config, settings, loaders, provided };
  } catch (error) {
    await discard({ config, loaders }, steps.apart(), disposeTimeout);
    throw error;
  }
}

/** How long each root service that a feature loader needed may take to end where there is no plan, in ms. */
const disposeTimeout = 5_000;

/**
 * Ends what the plan has made, each with a deadline of `timeout` ms: the root services, of which feature loaders may have
 * needed some, and the watching of the configuration.
 */
export async function discard(
  { config, loaders }: Pick<Planned, 'config' | 'loaders'>,
  steps: StopSteps,
  timeout: number,
): Promise<void> {
  await dispose(loaders.log, steps, { timeout });
  config[Symbol.dispose]();
}

function readSettings(config: LoadedConfiguration['config']): BackendSettings | { problems: Problem[] } {
  try {
    return readBackendSettings(config);
  } catch (error) {
    if (error instanceof BackplaneError) return { problems: configProblems(config, readBackendSettings) };
    throw error;
  }
}

/** Each section is read once, however many classes hold it. */
class SectionReader {
  readonly #read = new Map<ConfigSection, ReturnType<Framework['readSection']>>();
  readonly #framework: Framework;
  readonly #config: LoadedConfiguration['config'];

  constructor(framework: Framework, config: LoadedConfiguration['config']) {
    this.#framework = framework;
    this.#config = config;
  }

  get known(): readonly ConfigSection[] {
    return [...this.#read.keys()];
  }

  readonly read = (section: ConfigSection): ReturnType<Framework['readSection']> => {
    if (!this.#read.has(section)) this.#read.set(section, this.#framework.readSection(this.#config, section));
    return this.#read.get(section)!;
  };
}

function overridesOf({ overrides = [], extensionPoints = [] }: TestOptions): Override[] {
  const standIns = extensionPoints.map(([token, value], index) => {
    return { token, recipe: { by: 'value' as const, value }, origin: `extensionPoints[${index}]` };
  });
  return [...overrides, ...standIns];
}

/** One wrong value can be met by several readers. */
function distinct(problems: readonly Problem[]): Problem[] {
  const byText = new Map(
    problems.map(problem => [`${problem.code} ${problem.message} ${problem.path.join(' ')}`, problem]),
  );
  return [...byText.values()];
}
