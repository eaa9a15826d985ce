import { CheckSource, everyItem, generatedCheck, memberOf, mostNames, type QuickCheck } from './generated-check.js';
import {
  resolved,
  type ArrayShape,
  type JsonType,
  type ObjectShape,
  type PlainShape,
  type Shape,
} from './json-shape.js';

/**
 * Whether the projection of a value onto a shape would leave it as it is, so that `JSON.stringify` writes the same. Of
 * what is seldom, as unions of objects, tuples and what has a say in its JSON, only the projection knows.
 */
export function exactFitOf(shape: Shape): QuickCheck {
  return generatedCheck(source => new ExactFitWriter(source).check(shape, 'v'));
}

const scalars: Readonly<Record<string, (value: string) => string>> = {
  string: value => `typeof ${value} === 'string'`,
  boolean: value => `typeof ${value} === 'boolean'`,
  null: value => `${value} === null`,
  number: value => `Number.isFinite(${value})`,
  integer: value => `Number.isInteger(${value})`,
};

class ExactFitWriter {
  readonly #source: CheckSource;

  constructor(source: CheckSource) {
    this.#source = source;
  }

  check(shape: Shape, value: string): string {
    const found = resolved(shape);
    switch (found.kind) {
      case 'any':
        return this.#anything(value);
      case 'never':
        return 'false';
      case 'one':
        return this.#one(found.branches, value);
      case 'plain':
        return this.#plain(found, value);
    }
  }

  #anything(value: string): string {
    return this.#source.call(anything, value, () => {
      const isOfScalars = anyOf(['string', 'boolean', 'number'].map(type => scalars[type]!('v')));
      return `return typeof v === 'object' ? v === null || v.toJSON === undefined : ${isOfScalars};`;
    });
  }

  /** Which of several branches it is, if more than one could be of an object, is the projection's to find out. */
  #one(branches: readonly Shape[], value: string): string {
    const ofScalars = branches.filter(isScalar).map(branch => this.check(branch, value));
    const others = branches.filter(branch => !isScalar(branch));
    return anyOf(others.length === 1 ? [...ofScalars, this.check(others[0]!, value)] : ofScalars);
  }

  #plain({ types, values, object, array }: PlainShape, value: string): string {
    if (values) return anyOf(values.filter(isPrimitive).map(one => `${value} === ${JSON.stringify(one)}`));
    if (!types) return 'false';
    return anyOf(types.map(type => this.#ofType(type, object, array, value)));
  }

  #ofType(type: JsonType, object: ObjectShape | undefined, array: ArrayShape | undefined, value: string): string {
    if (type === 'object') return this.#source.call(object ?? anyObject, value, () => this.#object(object));
    if (type === 'array') return this.#source.call(array ?? anyList, value, () => this.#array(array));
    return scalars[type]!(value);
  }

  /** The members have to be in the order of the schema as well, in which the projection would write them. */
  #object(object: ObjectShape | undefined): string {
    if (!object) return `${ownMembers} return true;`;
    const { properties, patterns, additional } = object;
    if (properties.size > mostNames || properties.has('__proto__') || patterns.length > 0) return 'return false;';
    // How many members are behind at least: none that is needed is passed over.
    let least = 0;
    const cases = [...properties].map(([name, { shape, required, fallback }], at) => {
      const isNeeded = required || fallback !== undefined;
      const absent = isNeeded ? '' : `if (${memberOf(name)} === undefined) break;`;
      const isInTurn = least === at ? `at === ${at}` : `at >= ${least} && at <= ${at}`;
      if (isNeeded) least = at + 1;
      const check = this.check(shape, memberOf(name));
      return `case ${JSON.stringify(name)}: ${absent} if (!(${isInTurn} && ${check})) return false; at = ${at + 1}; break;`;
    });
    // What is not declared is written behind what is.
    const check = additional && this.check(additional, 'v[k]');
    const isOther = check ? `at >= ${least} && ${check}` : 'false';
    const other = `default: if (!(${isOther})) return false; at = ${properties.size + 1};`;
    return `${ownMembers} let at = 0; for (const k in v) switch (k) { ${cases.join(' ')} ${other} } return at >= ${least};`;
  }

  #array(array: ArrayShape | undefined): string {
    if (array && array.first.length > 0) return 'return false;';
    const isList = 'if (!Array.isArray(v) || v.toJSON !== undefined) return false;';
    return `${isList} ${array ? everyItem(this.check(array.rest, 'v[n]')) : 'return true;'}`;
  }
}

/** Stand for the shapes of what is not said. */
const anything = {};
const anyObject = {};
const anyList = {};

/** As `isPlainObject` has it. */
const ownMembers =
  "if (typeof v !== 'object' || v === null || Object.getPrototypeOf(v) !== Object.prototype || v.toJSON !== undefined) return false;";

function anyOf(checks: readonly string[]): string {
  return checks.length === 0 ? 'false' : `(${checks.join(' || ')})`;
}

function isScalar(shape: Shape): boolean {
  const found = resolved(shape);
  return found.kind === 'plain' && found.types?.every(type => type in scalars) === true;
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
