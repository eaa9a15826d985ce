import { dirname } from 'node:path';
import type { JsonObject } from '../../api/config-service.js';
import type { Problem } from '../../errors/problem.js';
import { ConfigFileReader } from './config-file-reader.js';
import { ConfigFiles } from './config-files.js';
import type { ConfigLocation } from './config-locations.js';
import { trustedFolders } from './config-locations.js';
import { configObject, type ConfigObject } from './config-node.js';
import { unusableFile } from './config-problems.js';
import { environmentConfig } from './environment-config.js';
import { mergeConfig, settleConfig } from './merge-config.js';
import { plainConfig } from './plain-config.js';

/** What one reading of all sources has found. */
export interface ConfigReading {
  readonly tree: ConfigObject;
  readonly problems: Problem[];
  readonly warnings: Problem[];
  /** What was looked at, and what it looked like then. */
  readonly files: ReadonlyMap<string, string>;
  /** The files that had something in them. */
  readonly filled: ReadonlySet<string>;
}

/** Plain data, and nothing else: no file, no environment. */
export function readPlainConfiguration(data: JsonObject): ConfigReading {
  const problems: Problem[] = [];
  const nothing = configObject([], "option 'config'");
  const node = plainConfig(data, nothing.place, problems);
  const tree = node?.kind === 'object' ? settleConfig(node, problems) : nothing;
  return { tree, problems, warnings: [], files: new Map(), filled: new Set() };
}

/**
 * Reads files and environment, the later ones winning.
 *
 * `before` is what was read when the configuration was good the last time: a file that had something in it then and is
 * empty or gone now has been caught in the middle of being written, and is a problem.
 */
export async function readConfiguration(
  locations: readonly ConfigLocation[],
  root: string,
  env: NodeJS.ProcessEnv,
  before?: ConfigReading,
): Promise<ConfigReading> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const files = new ConfigFiles(root);
  const texts = new Map<string, string>();
  for (const { file, presence } of locations) {
    const found = files.read(file);
    const wasFilled = before?.filled.has(file) ?? false;
    const name = files.describe(file);
    if (found.text === undefined) {
      if (found.absent && (presence === 'optional' || (presence === 'main' && !wasFilled))) continue;
      problems.push(unusableFile(name, `Configuration file '${name}' ${found.refusal}`, found.fix));
    } else if (found.text.trim() !== '') {
      texts.set(file, found.text);
    } else if (wasFilled) {
      problems.push(
        unusableFile(name, `Configuration file '${name}' has become empty`, "write '{}' for no configuration."),
      );
    }
  }
  let tree = configObject([], 'configuration');
  if (texts.size > 0) {
    // Only once there is something to parse: the parser takes longer to load than all the rest.
    const { YamlReader } = await import('./yaml-config.js');
    const reader = new ConfigFileReader(files, new YamlReader(), env);
    for (const [file, text] of texts) {
      const read = reader.read(file, text, [dirname(file), ...trustedFolders(env)]);
      if (read) tree = mergeConfig(tree, read);
    }
    problems.push(...reader.problems);
  }
  tree = mergeConfig(tree, environmentConfig(env, problems, warnings));
  tree = settleConfig(tree, problems);
  return { tree, problems, warnings, files: files.seen, filled: new Set(texts.keys()) };
}
