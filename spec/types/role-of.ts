import { annotationsOf, type Role } from '../../decorators/annotations.js';

/** What the decorator above `target` recorded: types decide what compiles, not what is recorded. */
export function roleOf(target: object): Role['kind'] | undefined {
  return annotationsOf(target)?.roles[0]?.role.kind;
}
