import { BackplaneError } from '../errors/backplane-error.js';
import type { Key, Unit } from '../plan/unit.js';
import { walkDepthFirst } from '../util/depth-first.js';
import { describePlace } from '../util/source-place.js';

/** The error of a constructor, with the way to it from what `owner` asked for, which is the last of `units`. */
export function constructionFailure(
  owner: string,
  failed: Unit,
  units: readonly Unit[],
  cause: unknown,
): BackplaneError {
  const byKey = new Map(units.map(unit => [unit.key, unit]));
  const way = (pathBetween(units.at(-1)!, failed, byKey) ?? [failed]).filter(({ recipe }) => recipe.by !== 'alias');
  const [first, ...rest] = way.map(described);
  // What was asked for may be the owner itself: the plugin, or the module.
  const begin = way[0]!.title === owner ? [`in ${first}`] : [`in ${owner}`, `-> ${first}`];
  const path = [...begin, ...rest.map(step => `-> ${step}`)];
  if (cause instanceof BackplaneError) return onTheWay(cause, path);
  return new BackplaneError({
    code: 'CONSTRUCTION_FAILED',
    message: `The ${failed.title} could not be constructed`,
    path,
    fix: 'fix the error below; a constructor receives what it depends on and does no work.',
    cause,
  });
}

/**
 * An error that says what to do keeps its code, its class and what else it carries, and is told how it was come by. The
 * constructor of its class may want anything, so that is not called.
 */
function onTheWay(error: BackplaneError, path: readonly string[]): BackplaneError {
  const { problem } = error;
  if (problem.code === 'CONSTRUCTION_FAILED' || problem.code === 'START_CANCELLED') return error;
  const own = problem.path.map(step => step.replace(/^in /, '-> '));
  const told = Reflect.construct(BackplaneError, [{ ...problem, path: [...path, ...own] }], error.constructor);
  const { message } = told as BackplaneError;
  const stack = `${error.name}: ${message}${framesOf(error)}`;
  const carried = Object.getOwnPropertyDescriptors(error);
  return Object.defineProperties(told, {
    ...carried,
    message: { ...carried.message, value: message },
    stack: { value: stack, configurable: true, writable: true },
  }) as BackplaneError;
}

/** Where it was thrown. */
function framesOf({ stack = '' }: Error): string {
  const start = stack.indexOf('\n    at ');
  return start < 0 ? '' : stack.slice(start);
}

function pathBetween(from: Unit, to: Unit, byKey: ReadonlyMap<Key, Unit>): Unit[] | undefined {
  const seen = new Set<Unit>();
  let path: Unit[] | undefined;
  walkDepthFirst([from], {
    enter(unit, way) {
      if (unit === to) path = [...way, to];
      if (path || seen.has(unit)) return undefined;
      seen.add(unit);
      return unit.dependencies.flatMap(({ key }) => byKey.get(key) ?? []);
    },
  });
  return path;
}

function described({ title, site }: Unit): string {
  const place = describePlace(site);
  return `${title}${place ? ` (${place})` : ''}`;
}

/** What is being stopped makes nothing more. */
export function constructionRefused(owner: string, { title }: Unit): BackplaneError {
  return new BackplaneError({
    code: 'START_CANCELLED',
    message: `The ${title} was not constructed any more, since ${owner} is being stopped`,
    path: [`in ${owner}`, `-> ${title}`],
    fix: 'see to what ended the start.',
  });
}
