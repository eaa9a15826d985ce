import { isObject } from '../../util/is-object.js';
import type { Json } from './subschemas.js';

/** The schemas of one plugin that its document has by name: equal ones once, different ones by different names. */
export class ComponentSchemas {
  readonly #prefix: string;
  readonly #all: Record<string, unknown>;
  /** By name, what identifies the schema that has it. */
  readonly #taken = new Map<string, string>();

  /** Adds to `all`; each name begins with `prefix`. */
  constructor(prefix: string, all: Record<string, unknown>, reserved: Iterable<string>) {
    this.#prefix = prefix;
    this.#all = all;
    for (const name of reserved) this.#taken.set(name, '');
  }

  /**
   * A reference to the schema that `content` identifies, by the first of the `names` that no other one has. `write` is
   * asked for the schema when nobody has added it yet; by then it has its name, so it may refer to itself.
   */
  add(names: readonly [string, ...string[]], content: string, write: () => unknown): Json {
    const name = this.#claim(names, content);
    const isNew = !this.#taken.has(name);
    const key = this.#prefix + name;
    if (isNew) {
      this.#taken.set(name, content);
      this.#all[key] = {};
      this.#all[key] = write();
    }
    return { $ref: `#/components/schemas/${key}` };
  }

  #claim(names: readonly [string, ...string[]], content: string): string {
    const candidates = names.map(sound);
    const isFree = (name: string) => (this.#taken.get(name) ?? content) === content;
    const found = candidates.find(isFree);
    if (found !== undefined) return found;
    for (let n = 2; ; n++) if (isFree(`${candidates.at(-1)}${n}`)) return `${candidates.at(-1)}${n}`;
  }
}

/** `getEntity` and `unknown_entity` as `GetEntity` and `UnknownEntity`. */
export function pascalCase(text: string): string {
  return text.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
}

/** Whether it is worth a name: that of plain types tells nothing. */
export function hasStructure(schema: unknown): boolean {
  return isObject(schema) && ['properties', 'allOf', 'anyOf', 'oneOf', 'enum'].some(keyword => keyword in schema);
}

function sound(name: string): string {
  return name.replaceAll(/[^\w-]+/g, '_');
}
