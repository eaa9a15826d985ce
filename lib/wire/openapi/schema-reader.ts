import { jsonSchemaOf } from '../../contract/json-schema-of.js';
import type { Schema } from '../../contract/schema.js';
import { isObject } from '../../util/is-object.js';
import { atReference } from '../at-reference.js';
import { hasStructure, pascalCase, type ComponentSchemas } from './component-schemas.js';
import { mapSubschemas, without, type Json } from './subschemas.js';

/** The JSON Schema of one part of an operation, as a document has it: what it refers to is among the components. */
export class SchemaReader {
  /** What is said of the whole; its references are those of its own. */
  readonly root: unknown;
  readonly #name: string;
  readonly #side: 'input' | 'output';
  readonly #components: ComponentSchemas;

  /** `name` is what a schema without a name is called by, as `GetEntityResponse`. */
  constructor(schema: Schema, side: 'input' | 'output', name: string, components: ComponentSchemas) {
    this.root = normalized(jsonSchemaOf(schema, side), side);
    this.#name = name;
    this.#side = side;
    this.#components = components;
  }

  /** The whole; a reference to it where it has more than a type. */
  whole(): unknown {
    const isReference = isObject(this.root) && Object.keys(this.root).every(key => key === '$ref' || key === '$defs');
    return isReference || !hasStructure(this.root) ? this.written(this.root) : this.#refer('#');
  }

  /** A schema of the whole, with references into the document. */
  written(schema: unknown): unknown {
    if (!isObject(schema)) return schema;
    const { $ref, ...others } = schema;
    const mapped = mapSubschemas(without(others, ['$defs', 'definitions', '$id']), part => this.written(part));
    const isKnown = typeof $ref === 'string' && this.find($ref) !== undefined;
    return isKnown ? { ...mapped, ...this.#refer($ref) } : mapped;
  }

  /** What a reference points to; `undefined` where that is nothing here. */
  find(reference: string): unknown {
    return atReference(this.root, reference);
  }

  #refer(reference: string): Json {
    const target = this.find(reference);
    const name = this.#nameOf(reference, target);
    const side = pascalCase(this.#side);
    return this.#components.add(
      [name, `${name}${side}`, `${this.#name}${pascalCase(name)}`],
      this.#contentOf(reference),
      () => this.written(target),
    );
  }

  #nameOf(reference: string, target: unknown): string {
    const own = isObject(target) ? [target['$id'], target['title']] : [];
    const local = reference === '#' ? [] : [reference.split('/').at(-1)];
    const name = [...local, ...own].find(text => typeof text === 'string' && /^[A-Z][\w.-]*$/i.test(text));
    if (name !== undefined) return name as string;
    return reference === '#' ? this.#name : `${this.#name}${pascalCase(reference.split('/').at(-1)!)}`;
  }

  /** Equal for what means the same: the schema, and everything that it refers to. */
  #contentOf(reference: string): string {
    const reached = new Set<string>([reference]);
    const contents: unknown[] = [];
    const collect = (schema: unknown): unknown => {
      if (!isObject(schema)) return schema;
      if (typeof schema['$ref'] === 'string') reached.add(schema['$ref']);
      return mapSubschemas(without(schema, ['$defs', 'definitions']), collect);
    };
    for (const one of reached) contents.push(one === reference ? '' : one, collect(this.find(one)));
    return JSON.stringify(contents);
  }
}

/**
 * The schema as those of draft 2020-12 are written. Of answers it is not said that they have no other properties: a
 * later version may have more.
 */
function normalized(schema: unknown, side: 'input' | 'output'): unknown {
  if (!isObject(schema)) return schema;
  const mapped = mapSubschemas(without(schema, ['$schema']), part => normalized(part, side));
  if (side === 'output' && mapped['additionalProperties'] === false) delete mapped['additionalProperties'];
  if (!Array.isArray(mapped['items'])) return mapped;
  // That is how draft 7 writes a tuple.
  const { items, additionalItems, ...others } = mapped;
  return { ...others, prefixItems: items, ...(additionalItems !== undefined && { items: additionalItems }) };
}
