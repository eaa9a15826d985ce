import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface RunningPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The place in the author's source, as `src/catalog-plugin.ts:12:1`, relative to the working directory where it lies
 * below it. Follows the source map beside the file that runs; without one it names that file.
 */
export function describePlace(site: RunningPlace | undefined): string | undefined {
  if (!site) return undefined;
  const { file, line, column } = original(toPath(site.file), site);
  const short = relative(process.cwd(), file);
  return `${short.startsWith('..') || short === '' ? file : short}:${line}:${column}`;
}

/** The source from the line of `site` on, `lines` lines of it; `undefined` where the source is not at hand. */
export function sourceLineOf(site: RunningPlace | undefined, lines: number): string | undefined {
  if (!site) return undefined;
  const { file, line } = original(toPath(site.file), site);
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .slice(line - 1, line - 1 + lines)
      .join('\n');
  } catch {
    return undefined;
  }
}

/** The path of a file given as path or as `file:` URL. */
export function toPath(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

function original(file: string, { line, column }: RunningPlace): RunningPlace {
  try {
    const payload = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload;
    const entry = new SourceMap(payload).findEntry(line - 1, column - 1);
    if ('originalSource' in entry) {
      const source = resolve(dirname(file), payload.sourceRoot ?? '', entry.originalSource);
      return { file: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }
  } catch {
    // No source map, or not one we can read: the file that runs is the best place there is.
  }
  return { file, line, column };
}
