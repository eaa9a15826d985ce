import { closest } from './did-you-mean.js';

/** An option that nobody reads: most often one that is misspelt. */
export interface UnknownOption {
  readonly option: string;
  readonly fix: string;
}

/** The options of `given` that are none of `known`, and what to do about each; what is `undefined` is none. */
export function unknownOptions(given: object, known: readonly string[]): UnknownOption[] {
  const unknown = Object.entries(given).filter(([option, value]) => !known.includes(option) && value !== undefined);
  return unknown.map(([option]) => ({ option, fix: fixOf(option, known) }));
}

function fixOf(option: string, known: readonly string[]): string {
  const near = closest(option, known);
  if (near !== undefined) return `did you mean '${near}'? Otherwise remove it.`;
  return `remove it; there are ${known.map(name => `'${name}'`).join(', ')}.`;
}
