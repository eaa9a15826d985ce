import type { Report } from '../trail.js';
import type { Key, Unit, UnitTable } from '../unit.js';
import { at } from '../declaration.js';

/** Finds units that need themselves, from the units of `table` on. */
export function checkCycles(table: UnitTable, report: Report, settled: Set<Unit>): void {
  for (const unit of table.own()) visit(unit, { table, report, settled, open: new Map() });
}

interface Walk {
  readonly table: UnitTable;
  readonly report: Report;
  /** Known not to lead into a cycle that has not been reported. */
  readonly settled: Set<Unit>;
  readonly open: Map<Key, Unit>;
}

function visit(unit: Unit, walk: Walk): void {
  if (walk.settled.has(unit)) return;
  if (walk.open.has(unit.key)) {
    reportCycle(unit, walk);
    return;
  }
  walk.open.set(unit.key, unit);
  for (const { key, absent } of unit.dependencies) {
    const next = absent ? undefined : walk.table.find(key);
    if (next) visit(next, walk);
  }
  walk.open.delete(unit.key);
  walk.settled.add(unit);
}

function reportCycle(unit: Unit, { open, report }: Walk): void {
  const keys = [...open.keys()];
  const cycle = [...open.values()].slice(keys.indexOf(unit.key));
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
