import type { ConfigSection } from '../../decorators/config-of.js';
import type { Config, JsonValue } from '../api/config-service.js';
import { publicConfigKeys } from '../api/config-visibility.js';
import { jsonSchemaOf } from '../contract/json-schema-of.js';
import type { JsonSchema } from '../contract/schema.js';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';

export interface KnownConfig {
  /** The keys that the framework asks for, whether they are there or not. */
  readonly asked: ReadonlySet<string>;
  /** What plugins, modules and services say that they read. */
  readonly declared: readonly string[];
  readonly sections: readonly ConfigSection[];
  readonly installed: readonly string[];
}

/** Sections that are the framework's own. */
const ours = ['backend', 'discovery'];

/**
 * Warns of keys that nobody reads, as far as that can be known: those of the framework by what its readers ask for,
 * those of a plugin by the schemas of its `configOf` classes, and others where they look like one of these.
 */
export function unknownConfig(config: Config, known: KnownConfig): Problem[] {
  const { asked, declared, sections, installed } = known;
  const unknown: Unknown[] = [];
  const names = [
    ...ours,
    ...publicConfigKeys,
    ...installed,
    ...[...declared, ...sections.map(({ path }) => path)].map(firstOf),
  ];
  for (const key of config.keys()) {
    if (ours.includes(key)) unknown.push(...unasked(key, valueIn(config, key), [...asked, ...declared]));
    else if (!names.includes(key)) unknown.push({ key, candidates: names, isCertain: false });
    else if (!declared.some(path => firstOf(path) === key))
      unknown.push(...undescribed(key, valueIn(config, key), sections));
  }
  return unknown.flatMap(found => warning(found, config));
}

interface Unknown {
  readonly key: string;
  /** What could have been meant, in full. */
  readonly candidates: readonly string[];
  /** Nobody reads it, also where it looks like nothing that is known. */
  readonly isCertain: boolean;
}

/** What is read as a whole has keys that only its reader knows. */
function* unasked(key: string, value: JsonValue | undefined, asked: readonly string[]): Iterable<Unknown> {
  const below = asked.filter(other => other.startsWith(`${key}.`) || other.startsWith(`${key}[`));
  if (!asked.includes(key) && below.length === 0) {
    // A service that an installation brings may have a section of its own beside ours.
    yield { key, candidates: asked, isCertain: key.split('.').length > 2 };
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
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
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

function warning({ key, candidates, isCertain }: Unknown, config: Config): Problem[] {
  const near = nearest(key, candidates);
  if (near === undefined && !isCertain) return [];
  const place = config.placeOf(key);
  return [
    {
      code: 'UNKNOWN_CONFIG',
      message: `Configuration key '${key}' is read by nobody`,
      path: [`in configuration key '${key}'${place === undefined ? '' : ` (${place})`}`],
      fix: near === undefined ? 'remove it.' : `did you mean '${near}'? Otherwise remove it.`,
    },
  ];
}

/** One at the same place that is written alike, or one elsewhere that is called the same. */
function nearest(key: string, candidates: readonly string[]): string | undefined {
  const parent = key.slice(0, Math.max(0, key.lastIndexOf('.') + 1));
  const name = key.slice(parent.length);
  const siblings = candidates
    .filter(other => other.startsWith(parent))
    .map(other => firstOf(other.slice(parent.length)));
  const near = closest(
    name,
    siblings.filter(other => other !== name && other !== ''),
  );
  if (near !== undefined) return parent + near;
  return candidates.find(other => other !== key && other.endsWith(`.${name}`));
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
