import type { ClassRecord } from './class-record.js';

/** Where an implementation comes from, strongest first: the first rank that has one decides. */
export const ranks = ['test', 'features', 'loader', 'scan', 'framework', 'declaration'] as const;
export type Rank = (typeof ranks)[number];

/** A class that was added to a backend. */
export interface Feature {
  readonly record: ClassRecord;
  readonly rank: Rank;
  /** How it got in, as `features[2]` or `package 'plugin-catalog-backend'`. */
  readonly origin: string;
}
