import { isObject } from '../../util/is-object.js';
import type { SchemaReader } from './schema-reader.js';
import type { Json } from './subschemas.js';

/** What a schema of an object says of its members. */
export interface Members {
  readonly properties: ReadonlyMap<string, Member>;
  /** The schema of members with other names, where there may be any. */
  readonly others: unknown;
}

interface Member {
  readonly schema: unknown;
  readonly required: boolean;
}

/** The members of the object that the whole schema describes, each one wherever in it that is said. */
export function membersOf(reader: SchemaReader): Members {
  return new MemberReader(reader).read(reader.root);
}

class MemberReader {
  readonly #reader: SchemaReader;
  readonly #seen = new Set<unknown>();

  constructor(reader: SchemaReader) {
    this.#reader = reader;
  }

  read(schema: unknown): Members {
    if (!isObject(schema) || this.#seen.has(schema)) return none;
    this.#seen.add(schema);
    const parts = [own(schema)];
    if (typeof schema['$ref'] === 'string') parts.push(this.read(this.#reader.find(schema['$ref'])));
    for (const part of listOf(schema['allOf'])) parts.push(this.read(part));
    for (const branches of [listOf(schema['anyOf']), listOf(schema['oneOf'])]) {
      if (branches.length > 0) parts.push(either(branches.map(branch => this.read(branch))));
    }
    return both(parts);
  }
}

const none: Members = { properties: new Map(), others: undefined };

function own({ properties, required, additionalProperties }: Json): Members {
  const names = new Set(listOf(required));
  const members = Object.entries(isObject(properties) ? properties : {});
  return {
    properties: new Map(members.map(([name, schema]) => [name, { schema, required: names.has(name) }])),
    others: additionalProperties === false ? undefined : additionalProperties,
  };
}

function both(parts: readonly Members[]): Members {
  return joined(parts, 'allOf', all => all.some(member => member?.required));
}

/** Required is what every branch requires. */
function either(branches: readonly Members[]): Members {
  return joined(branches, 'anyOf', all => all.every(member => member?.required));
}

function joined(
  parts: readonly Members[],
  keyword: 'allOf' | 'anyOf',
  isRequired: (found: readonly (Member | undefined)[]) => boolean,
): Members {
  const properties = new Map<string, Member>();
  for (const name of new Set(parts.flatMap(part => [...part.properties.keys()]))) {
    const found = parts.map(part => part.properties.get(name));
    const schemas = new Map(found.flatMap(member => (member ? [[JSON.stringify(member.schema), member.schema]] : [])));
    const [first, ...others] = schemas.values();
    const schema = others.length === 0 ? first : { [keyword]: [first, ...others] };
    properties.set(name, { schema, required: isRequired(found) });
  }
  return { properties, others: parts.find(part => part.others !== undefined)?.others };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
