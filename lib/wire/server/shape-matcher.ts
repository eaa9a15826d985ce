import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../util/is-object.js';
import { resolved, type ArrayShape, type ObjectShape, type PlainShape, type Shape } from './json-shape.js';

/** Tells which values are of which shapes, all the way down; each pair is looked at once. */
export class ShapeMatcher {
  readonly #known = new Map<Shape, Map<object, boolean>>();

  /** Lengths, formats and the like are not looked at. */
  fits(shape: Shape, value: unknown): boolean {
    const found = resolved(shape);
    if (typeof value !== 'object' || value === null) return mayBe(found, value);
    let here = this.#known.get(found);
    if (!here) this.#known.set(found, (here = new Map()));
    const known = here.get(value);
    if (known !== undefined) return known;
    // A shape that is one of its own alternatives adds nothing to the others.
    here.set(value, false);
    const fits = this.#look(found, value);
    here.set(value, fits);
    return fits;
  }

  #look(shape: Exclude<Shape, { kind: 'reference' }>, value: object): boolean {
    if (shape.kind === 'one') return shape.branches.some(branch => this.fits(branch, value));
    if (shape.kind !== 'plain') return shape.kind === 'any';
    if (!hasType(shape, value)) return false;
    if (Array.isArray(value)) return !shape.array || this.#hasItems(shape.array, value);
    return !shape.object || this.#hasMembers(shape.object, value as Record<string, unknown>);
  }

  #hasItems({ first, rest }: ArrayShape, value: readonly unknown[]): boolean {
    return value.every((item, index) => this.fits(first[index] ?? rest, item));
  }

  #hasMembers({ properties, patterns, additional }: ObjectShape, value: Record<string, unknown>): boolean {
    for (const [name, { required, fallback }] of properties) {
      if (required && fallback === undefined && !Object.hasOwn(value, name)) return false;
    }
    return Object.keys(value).every(key => {
      const shape = properties.get(key)?.shape ?? patterns.find(([pattern]) => pattern.test(key))?.[1] ?? additional;
      return !shape || this.fits(shape, value[key]);
    });
  }
}

/** Whether a value could be of this shape, as far as its type and its constants tell. */
export function mayBe(shape: Shape, value: unknown): boolean {
  const found = resolved(shape);
  switch (found.kind) {
    case 'any':
      return true;
    case 'never':
      return false;
    case 'one':
      return found.branches.some(branch => mayBe(branch, value));
    case 'plain':
      return hasType(found, value) && (!found.object || !isObject(value) || hasConstants(found.object, value));
  }
}

function hasType({ types, values }: PlainShape, value: unknown): boolean {
  if (values && !isAmong(values, value)) return false;
  if (!types) return true;
  if (value === null) return types.includes('null');
  if (Array.isArray(value)) return types.includes('array');
  if (typeof value === 'number')
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  return types.includes(typeof value as 'string');
}

function hasConstants({ properties }: ObjectShape, value: Record<string, unknown>): boolean {
  for (const [name, property] of properties) {
    const shape = resolved(property.shape);
    if (shape.kind === 'plain' && shape.values && Object.hasOwn(value, name) && !isAmong(shape.values, value[name]))
      return false;
  }
  return true;
}

/** A constant may be a list or an object. */
function isAmong(values: readonly unknown[], value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return values.includes(value);
  return values.some(constant => isDeepStrictEqual(constant, value));
}
