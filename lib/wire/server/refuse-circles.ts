import { UnsupportedKeyword, type Shape } from './json-shape.js';

/** Throws `UnsupportedKeyword` for a schema that is itself, or an alternative of itself: nobody could say what fits it. */
export function refuseCircles(shape: Shape): void {
  const done = new Set<Shape>();
  const look = (found: Shape, open: ReadonlySet<Shape>): void => {
    if (open.has(found)) throw new UnsupportedKeyword('$ref to itself');
    if (done.has(found)) return;
    const within = new Set(open).add(found);
    if (found.kind === 'reference') look(found.target(), within);
    if (found.kind === 'one') for (const branch of found.branches) look(branch, within);
    done.add(found);
    for (const member of membersOf(found)) look(member, new Set());
  };
  look(shape, new Set());
}

function membersOf(shape: Shape): Shape[] {
  if (shape.kind !== 'plain') return [];
  const { object, array } = shape;
  const members = object ? [...object.properties.values()].map(property => property.shape) : [];
  if (object) members.push(...object.patterns.map(([, pattern]) => pattern));
  if (object?.additional) members.push(object.additional);
  if (array) members.push(...array.first, array.rest);
  return members;
}
