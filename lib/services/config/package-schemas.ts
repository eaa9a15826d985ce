import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonValue } from '../../api/config-service.js';
import type { Problem } from '../../errors/problem.js';
import { isObject } from '../../util/is-object.js';
import { ConfigFiles } from './config-files.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import { unusableSchema } from './config-problems.js';

/** The part of a package.json that matters here. */
interface Manifest {
  readonly name?: string;
  readonly configSchema?: JsonValue;
  readonly backplane?: unknown;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

/** What a package says about its configuration; `undefined` for one that says nothing, or says it wrongly. */
function readConfigSchema(
  folder: string,
  manifest: { readonly name?: string; readonly configSchema?: JsonValue },
  problems: Problem[],
): ConfigSchemaSource | undefined {
  const { name: packageName = folder, configSchema } = manifest;
  if (configSchema === undefined) return undefined;
  if (isObject(configSchema)) return { packageName, schema: configSchema };
  const refuse = (what: string) => void problems.push(unusableSchema(packageName, what));
  if (typeof configSchema !== 'string') return refuse('is neither an object nor a path');
  if (!configSchema.endsWith('.json')) return refuse(`is in '${configSchema}', which is no .json file`);
  const files = new ConfigFiles(folder);
  const file = files.confine(join(folder, configSchema), [folder]);
  if (file === undefined) return refuse(`is in '${configSchema}', outside of the package`);
  const found = files.read(file);
  if (found.text === undefined) return refuse(`is in '${configSchema}', which ${found.refusal}`);
  const schema = parse(found.text);
  return isObject(schema) ? { packageName, schema } : refuse(`is in '${configSchema}', which holds no JSON object`);
}

/** The nearest folder at or above `folder` with a package.json that has a name; `folder` itself where there is none. */
export function packageFolderOf(folder: string): string {
  for (let current = folder; ; current = dirname(current)) {
    if (manifestOf(current)?.name !== undefined) return current;
    if (dirname(current) === current) return folder;
  }
}

/**
 * The schemas of the package in `folder` and of what it depends on, as far as these packages know the framework: a
 * package counts that has a `configSchema`, a `backplane` section, or a dependency on `backplane`.
 */
export function collectConfigSchemas(folder: string): { schemas: ConfigSchemaSource[]; problems: Problem[] } {
  const schemas: ConfigSchemaSource[] = [];
  const problems: Problem[] = [];
  const open = [folder];
  const seen = new Set<string>();
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const current = next;
    const manifest = manifestOf(current);
    if (!manifest || seen.has(current)) continue;
    seen.add(current);
    const schema = readConfigSchema(current, manifest, problems);
    if (schema) schemas.push(schema);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    const isOurs = 'configSchema' in manifest || 'backplane' in manifest || names.includes('backplane');
    if (current !== folder && !isOurs) continue;
    open.push(...names.map(name => findPackage(name, current)).filter(found => found !== undefined));
  }
  return { schemas, problems };
}

/** Where Node would find the package; asked of the folders, as `exports` may hide its package.json. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      return dirname(realpathSync(join(folder, 'node_modules', name, 'package.json')));
    } catch {
      if (dirname(folder) === folder) return undefined;
    }
  }
}

function manifestOf(folder: string): Manifest | undefined {
  try {
    const manifest = parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isObject(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
