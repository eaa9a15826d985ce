import { describePlace } from '../util/source-place.js';

import { inspect } from 'node:util';

/** One thing that is wrong, told so that its author can mend it. */
export interface Problem {
  /** Stable; `docs/errors.md` has an entry for each. */
  readonly code: string;
  /** One sentence, with the author's own ids in quotes. */
  readonly message: string;
  /** From what was started to what is wrong, outermost first, as `in plugin 'a' (src/a.ts:3:1)`. */
  readonly path: readonly string[];
  /** What to do, in the imperative. */
  readonly fix: string;
  readonly cause?: unknown;
}

/** The path of something that lies in `outer`, as `plugin 'a'`. */
export function pathWithin(outer: string, path: readonly string[]): string[] {
  return [`in ${outer}`, ...path.map(step => step.replace(/^in /, '-> '))];
}

/** A problem as its author reads it, without a number in front. */
export function formatProblem({ code, message, path, fix, cause }: Problem): string {
  const lines = [`[${code}] ${message}`, ...path, `fix: ${fix}`];
  if (cause !== undefined) lines.push(...causes(cause));
  return lines.join('\n   ');
}

function causes(cause: unknown): string[] {
  const lines: string[] = [];
  for (let c = cause, depth = 0; c !== undefined && depth < 5; depth++) {
    const text = c instanceof Error ? `${c.name}: ${c.message}` : describe(c);
    lines.push(`cause: ${text.replaceAll('\n', '\n          ')}`);
    const frame = c instanceof Error ? firstFrame(c) : undefined;
    if (frame) lines.push(`       ${frame}`);
    c = c instanceof Error ? c.cause : undefined;
  }
  return lines;
}

/** Of what is thrown and is no error, its text where it is one, else what it holds. */
function describe(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1, breakLength: Infinity });
}

/** The first place in an author's source that the stack of `error` names, as `src/catalog-api.ts:3:27`. */
export function placeIn(error: Error): string | undefined {
  return firstFrame(error)?.match(/[^\s()]+:\d+:\d+/)?.[0];
}

/**
 * The first frame outside of Node and of installed packages: the line its author will want to open, in the source. None
 * where the error comes from Node itself, whose lines say nothing.
 */
function firstFrame(error: Error): string | undefined {
  const frames = (error.stack ?? '').split('\n').filter(line => /^\s+at /.test(line) && !line.includes('node:'));
  const own = frames.find(line => !line.includes('/node_modules/')) ?? frames[0];
  return own?.trim().replace(/([^\s()]+):(\d+):(\d+)/, (_, file: string, line: string, column: string) => {
    return describePlace({ file, line: Number(line), column: Number(column) })!;
  });
}
