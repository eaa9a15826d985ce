import type { Entity } from '@inventory/plugin-catalog-common';

/** Where entities come from. */
export interface EntityProvider {
  /** Names the provider in the log and in the statistics. */
  readonly name: string;
  /** Everything the source has, as it is read. An error ends this provider, never another one. */
  read(reading: Reading): AsyncIterable<Entity>;
}

/** One run through what a provider has to give. */
export interface Reading {
  /** Aborted when the backend stops; whoever reads stops at once. */
  readonly signal: AbortSignal;
  /** Tells of something that could not be read, at a place its author can open; the rest is read all the same. */
  report(place: string, problem: string): void;
}
