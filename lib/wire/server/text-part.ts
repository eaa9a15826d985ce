import type { IncomingMessage } from 'node:http';
import type { Schema } from '../../contract/schema.js';
import { invalidRequest, pointerBelow, type BrokenRule } from './broken-rules.js';
import { compiledShape } from './compiled-shape.js';
import { resolved, type ObjectShape, type Shape } from './json-shape.js';
import { isList, textReaderOf, unreadable, type ReadTexts } from './text-values.js';
import { Findings, keyCheckOf, type KeyCheck } from './undeclared-keys.js';
import { validationOf, type RequestPart, type Validate } from './validation.js';

type Texts = Iterable<readonly [name: string, texts: string | readonly string[]]>;

/** A part of the request that is text by nature: turned into what its schema says, and then validated. */
export class TextPart {
  readonly #part: RequestPart;
  readonly #readers = new Map<string, ReadTexts>();
  readonly #lists: ReadonlySet<string>;
  readonly #others: ReadTexts | undefined;
  readonly #validate: Validate;
  readonly #check: KeyCheck | undefined;

  /** Throws where the schema says what no text can say. */
  constructor(part: RequestPart, schema: Schema) {
    this.#part = part;
    const whole = compiledShape(schema, 'input');
    const { properties, additional } = keysOf(whole);
    this.#check = resolved(whole).kind === 'one' ? keyCheckOf(whole) : undefined;
    for (const [name, { shape }] of properties) this.#readers.set(name, textReaderOf(shape));
    this.#lists = new Set([...properties].filter(([, { shape }]) => isList(shape)).map(([name]) => name));
    this.#others = additional && textReaderOf(additional);
    this.#validate = validationOf(part, schema);
  }

  /** Reads everything there is; what is not declared is refused. */
  read(texts: Texts): unknown {
    const values: Record<string, unknown> = {};
    let rules: BrokenRule[] | undefined;
    for (const [name, found] of texts) {
      const read = this.#readers.get(name) ?? (name === '__proto__' ? undefined : this.#others);
      const value = read ? read(found) : unreadable;
      if (value === unreadable) {
        const pointer = `/${this.#part}${pointerBelow(name, '')}`;
        (rules ??= []).push({ pointer, rule: read ? 'type' : 'undeclared' });
      } else values[name] = value;
    }
    if (!rules && this.#check) {
      const findings = new Findings();
      this.#check(values, findings);
      if (findings.rules.length > 0)
        rules = findings.rules.map(({ pointer, rule }) => ({ pointer: `/${this.#part}${pointer}`, rule }));
    }
    if (rules) throw invalidRequest(rules);
    return this.#validate(values);
  }

  /** Reads those headers that are declared. */
  readHeaders({ headers }: IncomingMessage): unknown {
    const texts: [string, string | string[]][] = [];
    for (const name of this.#readers.keys()) {
      const value = headers[name];
      if (value === undefined) continue;
      const isSplit = typeof value === 'string' && this.#lists.has(name);
      texts.push([name, isSplit ? value.split(',').map(text => text.trim()) : value]);
    }
    return this.read(texts);
  }
}

type Keys = Pick<ObjectShape, 'additional'> & { readonly properties: ReadonlyMap<string, { readonly shape: Shape }> };

/** Of alternatives the keys of all: which of them go together is looked at when they are read. */
function keysOf(shape: Shape): Keys {
  const found = resolved(shape);
  if (found.kind === 'one') return found.branches.map(keysOf).reduce(either);
  return (found.kind === 'plain' ? found.object : undefined) ?? { properties: new Map(), additional: { kind: 'any' } };
}

function either(a: Keys, b: Keys): Keys {
  const properties = new Map(a.properties);
  for (const [name, { shape }] of b.properties)
    properties.set(name, { shape: oneOf(a.properties.get(name)?.shape, shape)! });
  return { properties, additional: oneOf(a.additional, b.additional) };
}

function oneOf(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  return a && b ? { kind: 'one', branches: [a, b] } : (a ?? b);
}
