import type { Problem } from '../errors/problem.js';

/** What a scan has found, in order. */
export interface FoundFiles {
  readonly files: {
    /** The name of the package, or the file relative to the program's package: how people call it. */
    readonly specifier: string;
    /** The real path of what is imported. */
    readonly file: string;
  }[];
  readonly problems: Problem[];
  /** Where it has looked, as people call it; absent where it could not. */
  readonly searched?: string;
}
