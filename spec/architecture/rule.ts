import type { SourceFile } from './source-file.js';

/** Source text as if it were the file at a path. */
export type Example = readonly [path: string, text: string];

/** What holds of every file of the framework, with sources that show that it can fail and what it lets pass. */
export interface Rule {
  /** A fact about any one file. */
  readonly title: string;
  /** Where `file` breaks it, as `lib/a.ts:3 does that`. */
  readonly violations: (file: SourceFile) => string[];
  readonly broken: readonly Example[];
  readonly kept: readonly Example[];
}

/** A rule about single places in a file. */
export function placeRule(
  title: string,
  find: (file: SourceFile, report: (offset: number, what: string) => void) => void,
  examples: Pick<Rule, 'broken' | 'kept'>,
): Rule {
  const violations = (file: SourceFile): string[] => {
    const found: string[] = [];
    find(file, (offset, what) => found.push(`${file.path}:${file.lineOf(offset)} ${what}`));
    return found;
  };
  return { title, violations, ...examples };
}
