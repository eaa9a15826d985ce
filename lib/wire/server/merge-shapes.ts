import {
  UnsupportedKeyword,
  resolved,
  type ArrayShape,
  type JsonType,
  type ObjectShape,
  type PlainShape,
  type PropertyShape,
  type Shape,
} from './json-shape.js';

/** More alternatives than this are no schema that somebody wrote. */
const mostBranches = 256;

type Resolved = Exclude<Shape, { kind: 'reference' }>;

/**
 * Finds the shape of what has several shapes. A key is declared where one of them declares it, since that is how objects
 * are composed, whatever the others say of further keys.
 */
export class ShapeMerger {
  /** Two shapes that hold themselves meet again below themselves. */
  readonly #merged = new Map<Shape, Map<Shape, Shape>>();

  allOf(shapes: readonly Shape[]): Shape {
    return shapes.reduce<Shape>((sum, shape) => this.#both(sum, shape), { kind: 'any' });
  }

  #both(left: Shape, right: Shape): Shape {
    if (left.kind === 'any') return right;
    if (right.kind === 'any') return left;
    if (left.kind !== 'reference' && right.kind !== 'reference') return this.#bothResolved(left, right);
    // What they refer to may still be being read.
    let isAsked = false;
    const target = (): Shape => {
      if (isAsked) throw new UnsupportedKeyword('$ref to itself');
      isAsked = true;
      try {
        return this.#bothResolved(resolved(left), resolved(right));
      } finally {
        isAsked = false;
      }
    };
    return { kind: 'reference', target };
  }

  #bothResolved(left: Resolved, right: Resolved): Shape {
    let here = this.#merged.get(left);
    if (!here) this.#merged.set(left, (here = new Map()));
    let merged = here.get(right);
    if (!merged) here.set(right, (merged = this.#merge(left, right)));
    return merged;
  }

  #merge(a: Resolved, b: Resolved): Shape {
    if (a.kind === 'any') return b;
    if (b.kind === 'any') return a;
    if (a.kind === 'never' || b.kind === 'never') return { kind: 'never' };
    if (a.kind === 'plain' && b.kind === 'plain') return this.#bothPlain(a, b);
    const branches = branchesOf(a).flatMap(one => branchesOf(b).map(other => this.#both(one, other)));
    if (branches.length > mostBranches) throw new UnsupportedKeyword('allOf');
    return { kind: 'one', branches };
  }

  #bothPlain(a: PlainShape, b: PlainShape): PlainShape {
    return {
      kind: 'plain',
      types: commonTypes(a.types, b.types),
      values: a.values && b.values ? a.values.filter(value => b.values!.includes(value)) : (a.values ?? b.values),
      object: a.object && b.object ? this.#bothObjects(a.object, b.object) : (a.object ?? b.object),
      array: a.array && b.array ? this.#bothArrays(a.array, b.array) : (a.array ?? b.array),
    };
  }

  #bothObjects(a: ObjectShape, b: ObjectShape): ObjectShape {
    const properties = new Map<string, PropertyShape>();
    for (const name of new Set([...a.properties.keys(), ...b.properties.keys()])) {
      const [left, right] = [propertyOf(a, name), propertyOf(b, name)];
      properties.set(name, left && right ? this.#bothProperties(left, right) : (left ?? right)!);
    }
    const additional =
      a.additional && b.additional ? this.#both(a.additional, b.additional) : (a.additional ?? b.additional);
    return { properties, patterns: [...a.patterns, ...b.patterns], additional };
  }

  #bothProperties(a: PropertyShape, b: PropertyShape): PropertyShape {
    return {
      shape: this.#both(a.shape, b.shape),
      required: a.required || b.required,
      fallback: a.fallback ?? b.fallback,
    };
  }

  #bothArrays(a: ArrayShape, b: ArrayShape): ArrayShape {
    const length = Math.max(a.first.length, b.first.length);
    const first = Array.from({ length }, (_, n) => this.#both(a.first[n] ?? a.rest, b.first[n] ?? b.rest));
    return { first, rest: this.#both(a.rest, b.rest) };
  }
}

/** What an object says of the key, if it lets it be there. */
function propertyOf({ properties, patterns, additional }: ObjectShape, name: string): PropertyShape | undefined {
  const property = properties.get(name);
  if (property) return property;
  const shape = patterns.find(([pattern]) => pattern.test(name))?.[1] ?? additional;
  return shape && { shape, required: false, fallback: undefined };
}

function branchesOf(shape: Resolved): readonly Shape[] {
  return shape.kind === 'one' ? shape.branches : [shape];
}

function commonTypes(a: PlainShape['types'], b: PlainShape['types']): PlainShape['types'] {
  if (!a || !b) return a ?? b;
  const narrower = (type: JsonType, others: readonly JsonType[]) =>
    others.includes(type) || (type === 'integer' && others.includes('number'));
  return [...new Set([...a.filter(type => narrower(type, b)), ...b.filter(type => narrower(type, a))])];
}
