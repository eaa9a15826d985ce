import { CheckSource, everyItem, generatedCheck, memberOf, mostNames, type QuickCheck } from './generated-check.js';
import { deepest } from './json-body.js';
import { resolved, type ArrayShape, type ObjectShape, type PlainShape, type Shape } from './json-shape.js';

/**
 * Whether a value, which came from JSON, is such that neither the inspection of bodies nor `keyCheckOf` would find
 * anything: it has declared keys only, finite numbers, and lies no deeper than its schema.
 *
 * Of a schema that holds itself, or is one of those that are seldom, it never says so, nor of lists and objects that the
 * schema leaves open. How many keys there are, and whether all characters are whole, is for others to find out.
 */
export function soundBodyOf(shape: Shape): QuickCheck {
  return generatedCheck(source => {
    try {
      return new SoundBodyWriter(source).check(shape, 'v');
    } catch (error) {
      if (error instanceof UnclearShape) return 'false';
      throw error;
    }
  });
}

/** What the schema says is not for a quick look. */
class UnclearShape extends Error {}

/** Other than what is looked for, nothing matters: what is of the wrong type, the validator refuses. */
class SoundBodyWriter {
  readonly #source: CheckSource;
  /** What is being written. */
  readonly #within = new Set<object>();
  /** How many lists and objects lie in each other in what was written. */
  readonly #depths = new Map<object, number>();
  /** The same within what is being written, so far. */
  #depth = 0;

  constructor(source: CheckSource) {
    this.#source = source;
  }

  check(shape: Shape, value: string): string {
    const found = resolved(shape);
    if (found.kind === 'one') return this.#one(found.branches, value);
    return found.kind === 'plain' ? this.#plain(found, value) : isScalar(value, false);
  }

  #plain({ types, object, array }: PlainShape, value: string): string {
    const scalar = isScalar(value, types?.includes('integer') === true && !types.includes('number'));
    if (!object && !array) return scalar;
    const ofArray = array && this.#call(array, value, () => this.#array(array));
    const ofObject = object && this.#call(object, value, () => this.#object(object));
    const inside = `(Array.isArray(${value}) ? ${ofArray ?? 'false'} : ${ofObject ?? 'false'})`;
    return `(typeof ${value} === 'object' && ${value} !== null ? ${inside} : ${scalar})`;
  }

  /** Of several that are no scalars, which is meant is not for here to find out. */
  #one(branches: readonly Shape[], value: string): string {
    const others = branches.filter(branch => !isOfScalars(branch));
    if (others.length > 1) throw new UnclearShape();
    const scalar = isScalar(value, branches.some(mayBeWhole));
    if (others.length === 0) return scalar;
    return `(typeof ${value} === 'object' && ${value} !== null ? ${this.check(others[0]!, value)} : ${scalar})`;
  }

  #object({ properties, patterns, additional }: ObjectShape): string {
    if (properties.size > mostNames || patterns.length > 0) throw new UnclearShape();
    const cases = [...properties].map(([name, { shape }]) => {
      if (name === '__proto__' || name === 'constructor') throw new UnclearShape();
      return `case ${JSON.stringify(name)}: if (!(${this.check(shape, memberOf(name))})) return false; break;`;
    });
    const isOther = additional
      ? `k !== '__proto__' && k !== 'constructor' && ${this.check(additional, 'v[k]')}`
      : 'false';
    return `for (const k in v) switch (k) { ${cases.join(' ')} default: if (!(${isOther})) return false; } return true;`;
  }

  #array({ first, rest }: ArrayShape): string {
    if (first.length > 0) throw new UnclearShape();
    return everyItem(this.check(rest, 'v[n]'));
  }

  #call(part: object, value: string, write: () => string): string {
    // One that holds itself has no depth of its own.
    if (this.#within.has(part)) throw new UnclearShape();
    const outer = this.#depth;
    this.#depth = 0;
    this.#within.add(part);
    const call = this.#source.call(part, value, write);
    this.#within.delete(part);
    const depth = this.#depths.get(part) ?? this.#depth + 1;
    if (depth > deepest) throw new UnclearShape();
    this.#depths.set(part, depth);
    this.#depth = Math.max(outer, depth);
    return call;
  }
}

/** No object, and no number that is too large for one; where it may be meant to be whole, none that has lost digits. */
function isScalar(value: string, isWhole: boolean): string {
  const isSound = isWhole ? `Number.isSafeInteger(${value})` : `Number.isFinite(${value})`;
  return `(typeof ${value} === 'number' ? ${isSound} : typeof ${value} !== 'object' || ${value} === null)`;
}

/** Whether a number may have to be whole. */
function mayBeWhole(shape: Shape): boolean {
  const found = resolved(shape);
  return found.kind === 'plain' ? found.types?.includes('integer') === true : found.kind === 'one';
}

function isOfScalars(shape: Shape): boolean {
  const found = resolved(shape);
  return found.kind === 'plain' && !found.object && !found.array;
}
