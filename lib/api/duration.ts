type Unit = 'milliseconds' | 'seconds' | 'minutes' | 'hours' | 'days' | 'weeks';

/** A span of time: a number of ms, `'30s'`, `'2 days'`, `'PT5M'`, or `{ minutes: 5 }`. */
export type Duration = number | string | { readonly [U in Unit]?: number };
