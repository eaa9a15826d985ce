import type { ConfigSection } from '../../decorators/config-of.js';
import type { Config, JsonValue } from '../api/config-service.js';
import { publicConfigKeys } from '../api/config-visibility.js';
import { jsonSchemaOf } from '../contract/json-schema-of.js';
import type { JsonSchema } from '../contract/schema.js';
import { keyStep } from '../errors/key-step.js';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import { isObject } from '../util/is-object.js';

export interface KnownConfig {
  /** The keys that the framework asks for, whether they are there or not. */
  readonly asked: ReadonlySet<string>;
  /** What plugins, modules and services say that they read. */
  readonly declared: readonly string[];
  readonly sections: readonly ConfigSection[];
  readonly installed: readonly string[];
  /** The plugins that the configuration says run elsewhere, `*` for all others. Absent: it says that wrongly. */
  readonly elsewhere: ReadonlySet<string> | undefined;
}

/** Sections that are the framework's own. */
const ours = ['backend', 'discovery'];

/**
 * Finds keys that nobody reads, as far as that can be known: those of the framework by what its readers ask for,
 * those of a plugin by the schemas of its `configOf` classes, and others where they look like one of these.
 *
 * A problem is one of the framework's own sections that is nearly written like a known one: its default would be taken,
 * as a database in memory. All others are warnings, since other programs may read the same files.
 */
export function unknownConfig(config: Config, known: KnownConfig): { problems: Problem[]; warnings: Problem[] } {
  const { asked, declared, sections, installed } = known;
  const unknown: Unknown[] = [];
  const names = [
    ...ours,
    ...publicConfigKeys,
    ...installed,
    ...[...declared, ...sections.map(({ path }) => path)].map(firstOf),
  ];
  for (const key of config.keys()) {
    const value = valueIn(config, key);
    if (ours.includes(key)) {
      unknown.push(...unasked(key, value, [...asked, ...declared]), ...uninstalled(key, value, known));
    } else if (!names.includes(key)) {
      unknown.push({ key, candidates: names, isCertain: false, isOurs: holdsOurs(key, value, asked) });
    } else if (!declared.some(path => firstOf(path) === key)) unknown.push(...undescribed(key, value, sections));
  }
  const found = unknown.map(each => ({ ...each, near: sibling(each.key, each.candidates) }));
  const isFatal = ({ near, isOurs }: Found): boolean => isOurs === true && near !== undefined;
  return {
    problems: found.filter(isFatal).flatMap(each => report(each, config)),
    warnings: found.filter(each => !isFatal(each)).flatMap(each => report(each, config)),
  };
}

interface Unknown {
  readonly key: string;
  /** What could have been meant, in full. */
  readonly candidates: readonly string[];
  /** Nobody reads it, also where it looks like nothing that is known. */
  readonly isCertain: boolean;
  /** It is in a section of the framework, in which others have no keys that look like its own. */
  readonly isOurs?: boolean | undefined;
  /** The plugin, not installed here, that it is for. */
  readonly pluginId?: string;
}

interface Found extends Unknown {
  /** The candidate at the same place that is written alike. */
  readonly near: string | undefined;
}

/** Whether `key` is nearly the name of one of our sections, and has something in it that we would read there. */
function holdsOurs(key: string, value: JsonValue | undefined, asked: ReadonlySet<string>): boolean {
  const near = sibling(key, ours);
  const isRead = (name: string): boolean => [...asked].some(path => `${path}.`.startsWith(`${near}${name}.`));
  return near !== undefined && membersOf(value).some(([name]) => isRead(name));
}

/** Below `plugin` and `plugins` the names are ids of plugins; of whom nobody knows anything may be misspelt. */
function* uninstalled(key: string, value: JsonValue | undefined, known: KnownConfig): Iterable<Unknown> {
  const { installed, elsewhere, declared } = known;
  if (!elsewhere) return;
  for (const [name, part] of membersOf(value)) {
    const path = key + name;
    const isById = /^backend\..*\.plugins?$/.test(path) && !declared.includes(path) && !Array.isArray(part);
    for (const [below] of isById ? membersOf(part) : []) {
      const pluginId = below.slice(1);
      if (installed.includes(pluginId) || elsewhere.has(pluginId)) continue;
      const candidates = installed.map(id => `${path}.${id}`);
      yield { key: path + below, candidates, isCertain: !elsewhere.has('*'), isOurs: true, pluginId };
    }
    yield* uninstalled(path, part, known);
  }
}

/** What is read as a whole has keys that only its reader knows. */
function* unasked(key: string, value: JsonValue | undefined, asked: readonly string[]): Iterable<Unknown> {
  const below = asked.filter(other => other.startsWith(`${key}.`) || other.startsWith(`${key}[`));
  if (!asked.includes(key) && below.length === 0) {
    // A service that an installation brings may have a section of its own beside ours.
    yield { key, candidates: asked, isCertain: key.split('.').length > 2, isOurs: true };
  } else if (below.length > 0) {
    for (const [name, part] of membersOf(value)) yield* unasked(key + name, part, below);
  }
}

/** A plugin that has schemas for its section, and no other way to read it, reads nothing else. */
function undescribed(key: string, value: JsonValue | undefined, sections: readonly ConfigSection[]): Iterable<Unknown> {
  const own = sections.filter(({ path }) => path === key || path.startsWith(`${key}.`));
  const schemas = own.flatMap(({ path, schema }) => describedBy(schema, path.split('.').slice(1)));
  return own.length > 0 && schemas.length === own.length ? beyond(key, value, schemas) : [];
}

/** The JSON Schema of a section, as that of the section that it lies in. */
function describedBy(schema: ConfigSection['schema'], below: readonly string[]): JsonSchema[] {
  try {
    const described = jsonSchemaOf(schema as never, 'input');
    return [below.reduceRight<JsonSchema>((part, name) => ({ properties: { [name]: part } }), described)];
  } catch {
    return [];
  }
}

/** Only where every schema lists its keys and has no other way to take some. */
function* beyond(key: string, value: JsonValue | undefined, schemas: readonly JsonSchema[]): Iterable<Unknown> {
  if (!isObject(value)) return;
  const lists = schemas.map(listedIn);
  if (!lists.every(list => list !== undefined)) return;
  const names = lists.flatMap(list => Object.keys(list));
  for (const [name, part] of Object.entries(value)) {
    const below = lists.flatMap(list => (Object.hasOwn(list, name) ? [list[name]!] : []));
    const candidates = names.map(other => `${key}.${other}`);
    if (below.length === 0) yield { key: `${key}.${name}`, candidates, isCertain: true };
    else yield* beyond(`${key}.${name}`, part, below);
  }
}

function listedIn(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | undefined {
  const { properties, additionalProperties = false } = schema;
  const isOpen = ['$ref', 'allOf', 'anyOf', 'oneOf', 'patternProperties'].some(keyword => keyword in schema);
  return isOpen || additionalProperties !== false ? undefined : (properties as Record<string, JsonSchema> | undefined);
}

function report({ key, candidates, isCertain, pluginId, near }: Found, config: Config): Problem[] {
  const meant = near ?? candidates.find(other => other !== key && other.endsWith(`.${lastOf(key)}`));
  if (meant === undefined && !isCertain) return [];
  const what = pluginId === undefined ? 'is read by nobody' : `is for plugin '${pluginId}', which is not installed`;
  const otherwise =
    pluginId === undefined ? 'remove it' : `name '${pluginId}' under 'discovery.endpoints', or remove it`;
  return [
    {
      code: 'UNKNOWN_CONFIG',
      message: `Configuration key '${key}' ${what}`,
      path: [keyStep(key, config.placeOf(key))],
      fix: meant === undefined ? `${otherwise}.` : `did you mean '${meant}'? Otherwise ${otherwise}.`,
    },
  ];
}

/** The candidate at the same place that is written alike. */
function sibling(key: string, candidates: readonly string[]): string | undefined {
  const name = lastOf(key);
  const parent = key.slice(0, key.length - name.length);
  const siblings = candidates
    .filter(other => other.startsWith(parent))
    .map(other => firstOf(other.slice(parent.length)));
  const near = closest(
    name,
    siblings.filter(other => other !== name && other !== ''),
  );
  return near === undefined ? undefined : parent + near;
}

function membersOf(value: JsonValue | undefined): [string, JsonValue][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.map((part, index) => [`[${index}]`, part]);
  return Object.entries(value).map(([name, part]) => [`.${name}`, part]);
}

function valueIn(config: Config, key: string): JsonValue | undefined {
  try {
    return config.getOptional(key);
  } catch {
    return undefined;
  }
}

function firstOf(path: string): string {
  return path.split(/[.[]/, 1)[0]!;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
