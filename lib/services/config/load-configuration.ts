import type { JsonObject } from '../../api/config-service.js';
import type { Problem } from '../../errors/problem.js';
import { checkConfiguration } from './check-configuration.js';
import { commandLineLocations, configFolder, namedLocations, usualLocations } from './config-locations.js';
import { ConfigReloader } from './config-reloader.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import { ConfigStore } from './config-store.js';
import { readConfiguration, readPlainConfiguration, type ConfigReading } from './read-configuration.js';
import { RootConfig } from './root-config.js';

export interface ConfigurationOptions {
  /**
   * Files, relative to `root`, instead of the usual ones; or the configuration itself, which is then taken as it is:
   * neither files nor environment are added, and nothing is substituted in it.
   */
  readonly config?: string | readonly string[] | JsonObject;
  /** Arguments of the program. `--config <file>`, repeatable, counts before `config` and the usual files. */
  readonly argv?: readonly string[];
  /** Default: that of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * The folder of the program's package. The usual files are those of the nearest folder with an `app-config.yaml`,
   * from here up to the root of the workspace.
   */
  readonly root: string;
  /** Whether changed files are read again. Default `false`. */
  readonly watch?: boolean;
  readonly schemas?: readonly ConfigSchemaSource[];
  /** Told what goes wrong later: a broken edit, a failing subscriber, a plugin that reads what is hidden from it. */
  readonly onWarning?: (warning: Problem) => void;
}

export interface LoadedConfiguration {
  /** Holds what could be read, also where there are problems. */
  readonly config: RootConfig;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * Reads and checks the configuration; what is wrong with it is returned, all of it, and not thrown.
 *
 * The usual files are `app-config.yaml`, `app-config.<env>.yaml`, `app-config.local.yaml` and
 * `app-config.<env>.local.yaml`, with a comma-separated list of names in `BACKPLANE_ENV`; `APP_CONFIG_*` of the
 * environment comes last. Later ones win.
 */
export async function loadConfiguration(options: ConfigurationOptions): Promise<LoadedConfiguration> {
  const { config, schemas = [], watch = false, onWarning } = options;
  const found: Problem[] = [];
  const read = isData(config)
    ? () => Promise.resolve(readPlainConfiguration(config))
    : readerOfFiles(options, config, found);
  const readAndCheck = async (before?: ConfigReading) => checkConfiguration(await read(before), schemas);
  const first = await readAndCheck();
  const problems = [...found, ...first.problems];
  const store = new ConfigStore(first.tree, schemas, onWarning);
  const isWatched = watch && problems.length === 0 && first.files.size > 0;
  const reloader = isWatched ? new ConfigReloader(store, first, readAndCheck) : undefined;
  return { config: new RootConfig(store, reloader), problems, warnings: first.warnings };
}

type Reader = (before?: ConfigReading) => Promise<ConfigReading>;

function readerOfFiles(
  { argv = [], env = process.env, root }: ConfigurationOptions,
  names: string | readonly string[] | undefined,
  problems: Problem[],
): Reader {
  const asked = commandLineLocations(argv, problems);
  const isAsked = asked.length > 0 || problems.length > 0;
  const folder = names === undefined && !isAsked ? configFolder(root) : root;
  const locations = isAsked
    ? asked
    : names === undefined
      ? usualLocations(folder, env, problems)
      : namedLocations([names].flat(), root, problems, "option 'config'");
  return before => readConfiguration(locations, folder, env, before);
}

function isData(config: ConfigurationOptions['config']): config is JsonObject {
  return typeof config === 'object' && !Array.isArray(config);
}
