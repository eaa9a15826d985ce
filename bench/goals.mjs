import { nameOf } from './peers.mjs';
import { spreadOf } from './rounds.mjs';

/**
 * What the tables have to show of Backplane: that in `column` it costs at most `atMost` times what `vs` costs, that it
 * reaches at least `atLeast` times what `vs` does, or that it costs at most `above` units more. Without `vs` the bound is
 * in units. `base` is the column of Backplane's own that `vs` is replaced by.
 */
const goals = [
  { bench: 'startup', column: '10', vs: 'fastify', atMost: 1.5 },
  { bench: 'startup', column: '10', vs: 'nest-express', atMost: 0.7 },
  { bench: 'startup', column: '1000', vs: 'fastify', atMost: 1 },
  { bench: 'startup', column: '1000', vs: 'backstage', atMost: 0.25 },
  { bench: 'memory', column: 'heap', atMost: 40 },
  { bench: 'requests', column: 'get-10', vs: 'node', atLeast: 0.75 },
  { bench: 'requests', column: 'get-10', vs: 'fastify', atLeast: 1 },
  { bench: 'requests', column: 'get-10', vs: 'nest-fastify', atLeast: 1.4 },
  { bench: 'requests', column: 'get-10', vs: 'backstage', atLeast: 10 },
  { bench: 'requests', column: 'post-10', vs: 'node', atLeast: 0.8 },
  { bench: 'cpu', column: 'get-10', vs: 'node', above: 1.5 },
  { bench: 'cpu', column: 'get-1000', base: 'get-10', atMost: 1.1 },
  { bench: 'calls', column: 'memory', atMost: 45 },
  { bench: 'databases', column: 'memory', atMost: 3 },
  { bench: 'databases', column: 'files', atMost: 12 },
  { bench: 'connections', column: 'loaded', atMost: 15 },
  { bench: 'calls', column: 'memory', base: 'loopback', atMost: 1 / 8 },
];

/**
 * How the measured rows of `bench` stand to its goals: what was reached, and between which bounds that lay from round to
 * round. A goal whose peer was not measured is left out.
 */
export function outcomesOf(bench, rows) {
  const statistic = bench.statistic ?? 'median';
  const rowOf = (peer, column) => rows.find(row => row.peer === peer && row.column === column);
  return goals
    .filter(goal => goal.bench === bench.name)
    .map(goal => {
      const own = rowOf('backplane', goal.column);
      const other = goal.base ? rowOf('backplane', goal.base) : goal.vs ? rowOf(goal.vs, goal.column) : alone;
      if (!own || !other) return undefined;
      const reachedBy = (value, by = 1) => (goal.above === undefined ? value / by : value - by);
      const reached = reachedBy(own[statistic], other[statistic]);
      const { median: _, ...range } = spreadOf(
        own.values.map((value, round) => reachedBy(value, other.values?.[round])),
      );
      const { atMost = goal.above, atLeast } = goal;
      const met = atLeast === undefined ? reached <= atMost : reached >= atLeast;
      return { ...goal, of: 'backplane', value: own[statistic], reached, range, bound: atLeast ?? atMost, met };
    })
    .filter(Boolean);
}

/** What a goal in units is compared with. */
const alone = {};

/** One line: the goal in words, whether it is met, by how much, and how far that went apart from round to round. */
export function sentenceOf({ of, column, vs, base, above, atLeast, reached, range, bound, met }, bench) {
  const title = id => bench.columns.find(one => one.id === id).title;
  const relation = atLeast === undefined ? 'at most' : 'at least';
  const other = base ? `that with ${title(base)}` : vs && nameOf(vs);
  const inUnits = above !== undefined || !other;
  const limit = inUnits
    ? `${relation} ${bound} ${bench.unit}${other ? ` over ${other}` : ''}`
    : `${relation} ${Number(bound.toFixed(3))}x ${other}`;
  const text = value => (inUnits ? value.toFixed(1) : value.toFixed(2));
  const is = `${text(reached)}${inUnits ? ` ${bench.unit}` : 'x'}, in single rounds ${text(range.min)}–${text(range.max)}`;
  return `goal ${met ? 'met   ' : 'missed'}  ${nameOf(of)}, ${title(column)}: ${limit} (is ${is})`;
}
