import { nameOf } from './peers.mjs';

/** What the table has to show: `of` costs at most `atMost` times what `vs` costs or, without `vs`, `atMost` units. */
const goals = [
  { bench: 'startup', of: 'backplane', column: '10', vs: 'fastify', atMost: 1.5 },
  { bench: 'startup', of: 'backplane', column: '10', vs: 'nest-express', atMost: 0.7 },
  { bench: 'startup', of: 'backplane', column: '1000', vs: 'fastify', atMost: 1 },
  { bench: 'startup', of: 'backplane', column: '1000', vs: 'backstage', atMost: 0.25 },
  { bench: 'memory', of: 'backplane', column: 'heap', atMost: 40 },
];

/** How the measured rows of `bench` stand to its goals; a goal whose peer was not measured is left out. */
export function outcomesOf(bench, rows) {
  const medianOf = (peer, column) => rows.find(row => row.peer === peer && row.column === column)?.median;
  return goals
    .filter(goal => goal.bench === bench.name)
    .map(goal => {
      const value = medianOf(goal.of, goal.column);
      const ratio = value / (goal.vs ? medianOf(goal.vs, goal.column) : 1);
      return { ...goal, value, ratio, met: ratio <= goal.atMost };
    })
    .filter(({ ratio }) => !Number.isNaN(ratio));
}

/** One line: the goal in words, whether it is met, and by how much. */
export function sentenceOf({ of, column, vs, atMost, ratio, met }, bench) {
  const title = bench.columns.find(({ id }) => id === column).title;
  const limit = vs ? `at most ${atMost}x ${nameOf(vs)}` : `at most ${atMost} ${bench.unit}`;
  const reached = vs ? `${ratio.toFixed(2)}x` : `${ratio.toFixed(1)} ${bench.unit}`;
  return `goal ${met ? 'met   ' : 'missed'}  ${nameOf(of)}, ${title}: ${limit} (is ${reached})`;
}
