import { outcomesOf, sentenceOf } from './goals.mjs';
import { nameOf, peers, reference as usualReference } from './peers.mjs';

/** The measured rows of `bench` as a table, with the goals below it. */
export function tableOf(bench, rows, skipped) {
  const measured = peers.filter(peer => skipped.has(peer.id) || rows.some(row => row.peer === peer.id));
  const lines = [
    ['', ...bench.columns.map(({ title }) => title)],
    ...measured.map(peer => [peer.name, ...cellsOf(bench, rows, peer, skipped)]),
  ];
  const full = lines.filter(line => line.length === lines[0].length);
  const widths = lines[0].map((_, index) => Math.max(...full.map(line => line[index].length)));
  const table = lines.map(line =>
    line
      .map((cell, index) => cell.padEnd(widths[index]))
      .join('   ')
      .trimEnd(),
  );
  const outcomes = outcomesOf(bench, rows).map(outcome => sentenceOf(outcome, bench));
  const ratio = referenceOf(bench) ? `, ratio to ${nameOf(referenceOf(bench))}` : '';
  return [bench.title, `${statisticOf(bench)} (min–max)${ratio}`, '', ...table, '', ...outcomes, ''].join('\n');
}

function cellsOf(bench, rows, peer, skipped) {
  const flag = skipped.get(peer.id);
  if (flag) return [`not measured: give ${flag}`];
  return bench.columns.map(({ id }) => {
    const row = rows.find(({ peer: of, column }) => of === peer.id && column === id);
    if (!row) return '';
    const figures = [row[statisticOf(bench)], row.min, row.max].map(value => value.toFixed(bench.digits));
    const [figure, min, max] = figures;
    const ratio = ratioOf(row, rows, bench);
    return `${figure} (${min}–${max})${ratio === undefined ? '' : ` ${ratio.toFixed(2)}x`}`;
  });
}

/** The same as records: one of each measured row, and one of each goal. */
export function recordsOf(bench, rows) {
  const outcomes = outcomesOf(bench, rows);
  const { name, unit } = bench;
  return [
    ...rows.map(row => ({
      bench: name,
      node: process.version,
      case: `${row.peer}/${row.column}`,
      value: rounded(row[statisticOf(bench)]),
      unit,
      vs: referenceOf(bench) ?? null,
      ratio: rounded(ratioOf(row, rows, bench) ?? null),
      min: rounded(row.min),
      max: rounded(row.max),
    })),
    ...outcomes.map(({ of, column, vs, base, above, value, reached, range, bound, met }) => ({
      bench: name,
      node: process.version,
      case: `${of}/${column}`,
      value: rounded(value),
      unit,
      vs: vs ?? base ?? `${bound} ${unit}`,
      ratio: rounded(above === undefined && (vs ?? base) ? reached : reached / bound),
      goal: above === undefined && (vs ?? base) ? rounded(bound) : 1,
      reached: rounded(reached),
      lowest: rounded(range.min),
      highest: rounded(range.max),
      met,
    })),
  ];
}

function referenceOf({ reference }) {
  return reference === undefined ? usualReference : reference;
}

function statisticOf({ statistic = 'median' }) {
  return statistic;
}

/** `undefined` where the bench has nobody to compare with. */
function ratioOf(row, rows, bench) {
  const other = rows.find(({ peer, column }) => peer === referenceOf(bench) && column === row.column);
  return other && row[statisticOf(bench)] / other[statisticOf(bench)];
}

function rounded(value) {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
