import {
  UnsupportedKeyword,
  resolved,
  type JsonType,
  type ObjectShape,
  type PlainShape,
  type PropertyShape,
  type Shape,
} from './json-shape.js';

/** More alternatives than this are no schema that somebody wrote. */
const mostBranches = 256;

/**
 * The shape of what has all of these shapes. A key is declared where one of them declares it, since that is how objects
 * are composed, whatever the others say of further keys.
 */
export function allOf(shapes: readonly Shape[]): Shape {
  return shapes.reduce<Shape>((sum, shape) => both(sum, shape), { kind: 'any' });
}

function both(left: Shape, right: Shape): Shape {
  if (left.kind === 'any') return right;
  if (right.kind === 'any') return left;
  const [a, b] = [resolved(left), resolved(right)];
  if (a.kind === 'never' || b.kind === 'never') return { kind: 'never' };
  if (a.kind === 'plain' && b.kind === 'plain') return bothPlain(a, b);
  const branches = branchesOf(a).flatMap(one => branchesOf(b).map(other => both(one, other)));
  if (branches.length > mostBranches) throw new UnsupportedKeyword('allOf');
  return { kind: 'one', branches };
}

function branchesOf(shape: Shape): readonly Shape[] {
  return shape.kind === 'one' ? shape.branches : [shape];
}

function bothPlain(a: PlainShape, b: PlainShape): PlainShape {
  return {
    kind: 'plain',
    types: commonTypes(a.types, b.types),
    values: a.values && b.values ? a.values.filter(value => b.values!.includes(value)) : (a.values ?? b.values),
    object: a.object && b.object ? bothObjects(a.object, b.object) : (a.object ?? b.object),
    array: b.array ?? a.array,
  };
}

function commonTypes(a: PlainShape['types'], b: PlainShape['types']): PlainShape['types'] {
  if (!a || !b) return a ?? b;
  const narrower = (type: JsonType, others: readonly JsonType[]) =>
    others.includes(type) || (type === 'integer' && others.includes('number'));
  return [...new Set([...a.filter(type => narrower(type, b)), ...b.filter(type => narrower(type, a))])];
}

function bothObjects(a: ObjectShape, b: ObjectShape): ObjectShape {
  const properties = new Map<string, PropertyShape>(a.properties);
  for (const [name, property] of b.properties) {
    const other = properties.get(name);
    properties.set(name, other ? bothProperties(other, property) : property);
  }
  return { properties, patterns: [...a.patterns, ...b.patterns], additional: a.additional ?? b.additional };
}

function bothProperties(a: PropertyShape, b: PropertyShape): PropertyShape {
  return {
    shape: both(a.shape, b.shape),
    required: a.required || b.required,
    fallback: a.fallback ?? b.fallback,
  };
}
