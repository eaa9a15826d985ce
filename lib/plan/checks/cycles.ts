import { walkDepthFirst } from '../../util/depth-first.js';
import type { Report } from '../trail.js';
import type { Unit, UnitTable } from '../unit.js';
import { at } from '../declaration.js';

/** Finds units that need themselves, from the units of `table` on. `settled` are known not to lead into a new cycle. */
export function checkCycles(table: UnitTable, report: Report, settled: Set<Unit>): void {
  const open = new Set<Unit>();
  walkDepthFirst(table.own(), {
    enter(unit, way) {
      if (settled.has(unit)) return undefined;
      if (open.has(unit)) {
        reportCycle(way.slice(way.indexOf(unit)), report);
        return undefined;
      }
      open.add(unit);
      return neededBy(unit, table);
    },
    leave(unit) {
      open.delete(unit);
      settled.add(unit);
    },
  });
}

function neededBy({ dependencies }: Unit, table: UnitTable): Unit[] {
  return dependencies.flatMap(({ key, absent }) => (absent ? [] : (table.find(key) ?? [])));
}

function reportCycle(cycle: readonly Unit[], report: Report): void {
  // The name of a service with wrappers stands for the outermost of them.
  const named = cycle.filter(({ recipe }) => recipe.by !== 'alias');
  const [first] = named;
  report({
    code: 'DEPENDENCY_CYCLE',
    message: `These need each other: ${[...named, first!].map(u => u.title).join(' -> ')}`,
    path: [
      `in ${first!.title}${at(first!.site)}`,
      ...[...named.slice(1), first!].map(u => `-> ${u.title}${at(u.site)}`),
    ],
    fix: fixOf(named),
  });
}

function fixOf(cycle: readonly Unit[]): string {
  const [subject, ...others] = new Set(
    cycle.map(({ title }) => /^(?:service|extension point) '[^']+'/.exec(title)?.[0]),
  );
  if (subject === undefined || others.length > 0) return 'move what they share into a service that both can depend on.';
  if (cycle.some(({ recipe }) => recipe.by === 'collection')) {
    return `one of the implementations of ${subject} cannot inject all of them: let who needs them inject them.`;
  }
  return 'an implementation cannot inject what it implements: to stand in front of the present one, use wraps instead of implements, and take that one as first parameter.';
}
