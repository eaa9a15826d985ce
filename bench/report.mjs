import { outcomesOf, sentenceOf } from './goals.mjs';
import { nameOf, peers, reference } from './peers.mjs';

/** The measured rows of `bench` as a table, with the goals below it. */
export function tableOf(bench, rows, skipped) {
  const lines = [
    ['', ...bench.columns.map(({ title }) => title)],
    ...peers.map(peer => [peer.name, ...cellsOf(bench, rows, peer, skipped)]),
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
  return [bench.title, `median (min–max), ratio to ${nameOf(reference)}`, '', ...table, '', ...outcomes, ''].join('\n');
}

function cellsOf(bench, rows, peer, skipped) {
  const flag = skipped.get(peer.id);
  if (flag) return [`not measured: give ${flag}`];
  return bench.columns.map(({ id }) => {
    const row = rows.find(({ peer: of, column }) => of === peer.id && column === id);
    const [median, min, max] = [row.median, row.min, row.max].map(value => value.toFixed(bench.digits));
    return `${median} (${min}–${max}) ${ratioOf(row, rows).toFixed(2)}x`;
  });
}

/** The same as records: one of each measured row, and one of each goal. */
export function recordsOf(bench, rows) {
  const outcomes = outcomesOf(bench, rows);
  const { name, unit } = bench;
  return [
    ...rows.map(row => ({
      bench: name,
      case: `${row.peer}/${row.column}`,
      value: rounded(row.median),
      unit,
      vs: reference,
      ratio: rounded(ratioOf(row, rows)),
      min: rounded(row.min),
      max: rounded(row.max),
    })),
    ...outcomes.map(({ of, column, vs, atMost, value, ratio, met }) => ({
      bench: name,
      case: `${of}/${column}`,
      value: rounded(value),
      unit,
      vs: vs ?? `${atMost} ${unit}`,
      ratio: rounded(vs ? ratio : value / atMost),
      goal: vs ? atMost : 1,
      met,
    })),
  ];
}

function ratioOf(row, rows) {
  return row.median / rows.find(({ peer, column }) => peer === reference && column === row.column).median;
}

function rounded(value) {
  return Math.round(value * 1000) / 1000;
}
