import type { Report } from '../trail.js';
import type { Key, Unit, UnitTable } from '../unit.js';
import { at } from '../declaration.js';

/** Finds units that need themselves, and needs that nothing meets, from the units of `table` on. */
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
    else if (!absent) reportMissing(unit, key, walk);
  }
  walk.open.delete(unit.key);
  walk.settled.add(unit);
}

/** Only what `plugins: [...]` gives to some plugins can be missing here; everything else was looked up before. */
function reportMissing(unit: Unit, key: Key, { report }: Walk): void {
  report({
    code: 'MISSING_SERVICE',
    message: `No service implements '${String(key)}' for every plugin that needs it`,
    path: [`in ${unit.title}${at(unit.site)}`, `-> service '${String(key)}'`],
    fix: `add an implementation of '${String(key)}' without 'plugins', or name all plugins that need it.`,
  });
}

function reportCycle(unit: Unit, { open, report }: Walk): void {
  const keys = [...open.keys()];
  const cycle = [...open.values()].slice(keys.indexOf(unit.key));
  const named = cycle.filter(({ recipe }) => recipe.by !== 'alias');
  const [first] = named;
  const self = named.length === 1 && first?.title.startsWith('service');
  report({
    code: 'DEPENDENCY_CYCLE',
    message: `These need each other: ${[...named, first!].map(u => u.title).join(' -> ')}`,
    path: [
      `in ${first!.title}${at(first!.site)}`,
      ...[...named.slice(1), first!].map(u => `-> ${u.title}${at(u.site)}`),
    ],
    fix: self
      ? 'an implementation cannot inject what it implements: to stand in front of the present one, use wraps instead of implements.'
      : 'move what they share into a service that both can depend on.',
  });
}
