/**
 * Measures every case once a round, and begins each round one case later, so that neither the machine's mood nor a
 * slow neighbour falls on one case alone. Before the first round each case runs once for the file system's cache.
 *
 * Resolves to what each case measured, in the order of the rounds.
 */
export async function interleaved(cases, rounds, measure, report) {
  report('warming up');
  for (const one of cases) await measure(one);

  const results = new Map(cases.map(one => [one, []]));
  for (let round = 0; round < rounds; round += 1) {
    report(`round ${round + 1} of ${rounds}`);
    for (let step = 0; step < cases.length; step += 1) {
      const one = cases[(round + step) % cases.length];
      results.get(one).push(await measure(one));
    }
  }
  return results;
}

/** The median of `values`, what they lie between, and they themselves in the order of the rounds. */
export function spreadOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1), values };
}
