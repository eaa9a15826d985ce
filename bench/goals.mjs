import { nameOf } from './peers.mjs';

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

/** How the measured rows of `bench` stand to its goals; a goal whose peer was not measured is left out. */
export function outcomesOf(bench, rows) {
  const statistic = bench.statistic ?? 'median';
  const figure = (peer, column) => rows.find(row => row.peer === peer && row.column === column)?.[statistic];
  return goals
    .filter(goal => goal.bench === bench.name)
    .map(goal => {
      const value = figure('backplane', goal.column);
      const other = goal.base ? figure('backplane', goal.base) : goal.vs ? figure(goal.vs, goal.column) : 1;
      const reached = goal.above === undefined ? value / other : value - other;
      const { atMost = goal.above, atLeast } = goal;
      const met = atLeast === undefined ? reached <= atMost : reached >= atLeast;
      return { ...goal, of: 'backplane', value, reached, bound: atLeast ?? atMost, met };
    })
    .filter(({ reached }) => !Number.isNaN(reached));
}

/** One line: the goal in words, whether it is met, and by how much. */
export function sentenceOf({ of, column, vs, base, above, atLeast, reached, bound, met }, bench) {
  const title = id => bench.columns.find(one => one.id === id).title;
  const relation = atLeast === undefined ? 'at most' : 'at least';
  const other = base ? `that with ${title(base)}` : vs && nameOf(vs);
  const inUnits = above !== undefined || !other;
  const limit = inUnits
    ? `${relation} ${bound} ${bench.unit}${other ? ` over ${other}` : ''}`
    : `${relation} ${Number(bound.toFixed(3))}x ${other}`;
  const is = inUnits ? `${reached.toFixed(1)} ${bench.unit}` : `${reached.toFixed(2)}x`;
  return `goal ${met ? 'met   ' : 'missed'}  ${nameOf(of)}, ${title(column)}: ${limit} (is ${is})`;
}
