import {
  resolved,
  type ArrayShape,
  type JsonType,
  type ObjectShape,
  type PlainShape,
  type Shape,
} from './json-shape.js';

/** Whether a value, which came from JSON, is one that its projection onto a shape would leave as it is. */
export type FitsExactly = (value: unknown) => boolean;

/** Compiles that for a shape. `false` says nothing: of what is seldom, as unions of objects, only the projection knows. */
export function exactFitOf(shape: Shape): FitsExactly {
  return new FitCompiler().compile(shape);
}

class FitCompiler {
  readonly #known = new Map<Shape, FitsExactly>();

  compile(shape: Shape): FitsExactly {
    const found = resolved(shape);
    const known = this.#known.get(found);
    if (known) return known;
    let compiled: FitsExactly | undefined;
    this.#known.set(found, value => compiled!(value));
    compiled = this.#compileNew(found);
    this.#known.set(found, compiled);
    return compiled;
  }

  #compileNew(shape: Exclude<Shape, { kind: 'reference' }>): FitsExactly {
    switch (shape.kind) {
      case 'any':
        return () => true;
      case 'never':
        return () => false;
      case 'one':
        return this.#one(shape.branches);
      case 'plain':
        return this.#plain(shape);
    }
  }

  /** Which of several branches it is, if more than one could be of an object, is the projection's to find out. */
  #one(branches: readonly Shape[]): FitsExactly {
    const scalars = branches.filter(isScalar).map(branch => this.compile(branch));
    const others = branches.filter(branch => !isScalar(branch)).map(branch => this.compile(branch));
    return value => {
      if (typeof value !== 'object' || value === null) return scalars.some(fits => fits(value));
      return others.length === 1 && others[0]!(value);
    };
  }

  #plain({ types, values, object, array }: PlainShape): FitsExactly {
    if (values) return value => (typeof value !== 'object' || value === null) && values.includes(value);
    const only = types?.length === 1 ? types[0] : undefined;
    if (only === 'string' || only === 'boolean') return value => typeof value === only;
    if (only === 'number') return value => typeof value === 'number';
    if (only === 'integer') return Number.isInteger;
    const fitsObject = object && this.#object(object);
    const fitsArray = array && this.#array(array);
    const isOpen = types !== undefined || (!object && !array);
    return value => {
      if (types && !types.some(type => isOfType(value, type))) return false;
      if (typeof value !== 'object' || value === null) return true;
      if (Array.isArray(value)) return fitsArray ? fitsArray(value) : isOpen;
      return fitsObject ? fitsObject(value as Record<string, unknown>) : isOpen;
    };
  }

  /** The keys have to be in the order of the schema as well, in which the projection would write them. */
  #object({ properties, patterns, additional }: ObjectShape): (value: Record<string, unknown>) => boolean {
    const isRecord = properties.size === 0 && patterns.length === 0 && additional;
    if (isRecord) {
      const fits = this.compile(additional);
      return value => Object.keys(value).every(key => fits(value[key]));
    }
    if (patterns.length > 0 || additional) return () => false;
    const members = [...properties].map(([name, { shape, required, fallback }]) => {
      return { name, fits: this.compile(shape), needed: required || fallback !== undefined };
    });
    return value => {
      const keys = Object.keys(value);
      let at = 0;
      for (const { name, fits, needed } of members) {
        if (keys[at] !== name) {
          if (needed) return false;
        } else if (fits(value[name])) at++;
        else return false;
      }
      return at === keys.length;
    };
  }

  #array({ first, rest }: ArrayShape): (value: readonly unknown[]) => boolean {
    const items = first.map(shape => this.compile(shape));
    const others = this.compile(rest);
    return value => value.every((item, n) => (n < items.length ? items[n]! : others)(item));
  }
}

function isScalar(shape: Shape): boolean {
  const found = resolved(shape);
  if (found.kind !== 'plain') return false;
  return found.types !== undefined && !found.types.includes('object') && !found.types.includes('array');
}

function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
