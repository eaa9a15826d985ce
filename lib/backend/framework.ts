import type { ConfigSection } from '../../decorators/config-of.js';
import type { Class, Token } from '../../decorators/tokens.js';
import type { Config, JsonObject, RootConfigService } from '../api/config-service.js';
import type { Problem } from '../errors/problem.js';
import type { MethodFault, MethodOwner } from '../plan/checks/methods.js';
import type { Demand } from '../plan/demand.js';
import type { ReadSection } from '../plan/graph-builder.js';

export interface ConfigurationRequest {
  /** Path or paths of configuration files, or the configuration itself. Default: the usual files. */
  readonly config: string | readonly string[] | JsonObject | undefined;
  /** Where relative paths begin, and where the usual files are looked for. */
  readonly root: string;
  /** Told when a later edit of the files could not be read; what was read last stays in force. */
  readonly onWarning: (problem: Problem) => void;
}

export interface LoadedConfiguration {
  readonly config: RootConfigService & Disposable;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Keys that packages describe, whoever reads them. */
  readonly declared?: readonly string[];
}

export interface FoundFeatures {
  readonly sources: readonly { readonly specifier: string; load(): Promise<unknown> }[];
  readonly problems: readonly Problem[];
  /** Where it has looked, as people call it. */
  readonly searched: readonly string[];
}

export interface ScanOptions {
  /** Folders below the entry's package whose files are features. Default: the one its `backplane.features` names. */
  readonly folders?: readonly string[];
  /** Which dependencies of the entry's package are features. Default: those with a `backplane.role`. */
  readonly packages?: 'all' | { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
}

/** What the engine runs but does not know: the default services and the ways to find features and configuration. */
export interface Framework {
  /** Classes with `@Service({ implements })`, the weakest implementation but for a declaration's own default. */
  readonly services: readonly Class[];
  /** The same, of those which are there only where the configuration asks for them. Does not throw. */
  servicesFor(config: Config): readonly Class[];
  /** Tokens that may be declared in the namespace `core`. */
  readonly coreTokens: readonly Token[];
  /** Root services that are made after all others, those of features among them: what lets requests in. */
  readonly doors: readonly Token[];
  /** The nearest folder at or above `folder` with the package.json of a package; `folder` itself where there is none. */
  packageFolderOf(folder: string): string;
  loadConfiguration(request: ConfigurationRequest): Promise<LoadedConfiguration>;
  readSection(config: Config, section: ConfigSection): ReturnType<ReadSection>;
  /** What services find wrong with annotated methods that they would take, found before anything is constructed. */
  methodFaults(
    service: string,
    options: unknown,
    owner: MethodOwner & { readonly config: RootConfigService },
  ): readonly MethodFault[];
  /** The settings that services read when they are constructed, read beforehand so that mistakes are found in time. */
  checkSettings(config: RootConfigService, root: string): readonly Problem[];
  /** What services will load as they are configured, which are sound, and that is not installed. */
  missingPackages(config: Config, demand: Demand): readonly Problem[];
  /** The plugins of which the configuration says where they run; `*` for whoever is not named. */
  namedPlugins(config: Config): ReadonlySet<string>;
  /** What an operator should know about settings that are not wrong. */
  warnOfSettings(config: RootConfigService): readonly Problem[];
  discover(
    scan: ScanOptions,
    options: { readonly root: string | undefined; readonly importTimeout: number | undefined },
  ): Promise<FoundFeatures>;
}
