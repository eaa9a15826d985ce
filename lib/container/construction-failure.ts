import { BackplaneError } from '../errors/backplane-error.js';
import type { Key, Unit } from '../plan/unit.js';
import { describePlace } from '../util/source-place.js';

/** The error of a constructor, with the way to it from what was asked for, which is the last of `units`. */
export function constructionFailure(owner: string, failed: Unit, units: readonly Unit[], cause: unknown): BackplaneError {
  const byKey = new Map(units.map(unit => [unit.key, unit]));
  const path = pathBetween(units.at(-1)!, failed, byKey) ?? [failed];
  return new BackplaneError({
    code: 'CONSTRUCTION_FAILED',
    message: `The ${failed.title} could not be constructed`,
    path: [`in ${owner}`, ...path.map(step)],
    fix: 'mend the error below; a constructor receives what it depends on and does no work.',
    cause,
  });
}

function pathBetween(from: Unit, to: Unit, byKey: ReadonlyMap<Key, Unit>): Unit[] | undefined {
  if (from === to) return [to];
  for (const { key } of from.dependencies) {
    const next = byKey.get(key);
    const rest = next && pathBetween(next, to, byKey);
    if (rest) return [from, ...rest];
  }
  return undefined;
}

function step({ title, site }: Unit): string {
  const place = describePlace(site);
  return `-> ${title}${place ? ` (${place})` : ''}`;
}
