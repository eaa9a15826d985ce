import { misfit, type Append, type Fit, type Projected } from './fit.js';

/** The branch that fits and leaves the least out; of several the first. */
export function anyOf(branches: readonly Append[]): Append {
  const project = (value: unknown, key: string | number, fit: Fit): Projected => {
    const { counts, left } = fit;
    if (!counts) fit.made = undefined;
    let best: Projected = misfit;
    let least = Infinity;
    fit.counts = true;
    for (const branch of branches) {
      fit.left = 0;
      const projected = branch('', value, key, fit);
      if (projected === misfit || fit.left >= least) continue;
      best = projected;
      least = fit.left;
      if (least === 0) break;
    }
    fit.counts = counts;
    fit.left = best === misfit ? left : left + least;
    return best === misfit ? fit.fails('anyOf') : best;
  };
  const remembering = (value: unknown, key: string | number, fit: Fit): Projected => {
    // What makes its own JSON may make another under another key.
    if (!fit.counts || typeof value !== 'object' || value === null || 'toJSON' in value)
      return project(value, key, fit);
    fit.made ??= new Map();
    let here = fit.made.get(remembering);
    if (!here) fit.made.set(remembering, (here = new Map()));
    const known = here.get(value);
    if (known) {
      fit.left += known.left;
      return known.projected === misfit ? fit.fails('anyOf') : known.projected;
    }
    const before = fit.left;
    const projected = project(value, key, fit);
    here.set(value, { projected, left: fit.left - before });
    return projected;
  };
  return (before, value, key, fit) => {
    const projected = remembering(value, key, fit);
    return typeof projected === 'string' ? before + projected : projected;
  };
}
