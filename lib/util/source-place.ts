import { readFileSync } from 'node:fs';
import { findSourceMap, SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface RunningPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The place in the author's source, as `src/catalog-plugin.ts:12:1`, relative to the working directory where it lies
 * below it. Follows the source map of the file that runs; without one it names that file.
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
  return textOf(file)
    ?.split('\n')
    .slice(line - 1, line - 1 + lines)
    .join('\n');
}

/** The path of a file given as path or as `file:` URL. */
export function toPath(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

function original(file: string, { line, column }: RunningPlace): RunningPlace {
  const map = sourceMapOf(file);
  const entry = map?.findEntry(line - 1, column - 1);
  if (!map || !entry || !('originalSource' in entry)) return { file, line, column };
  const { originalSource, originalLine, originalColumn } = entry;
  // What Node has read itself it has also made absolute.
  const source = originalSource.startsWith('file:')
    ? fileURLToPath(originalSource)
    : resolve(dirname(file), map.payload.sourceRoot ?? '', originalSource);
  return { file: source, line: originalLine + 1, column: originalColumn + 1 };
}

/** By the file that runs. A report has many places of one file, and a map takes milliseconds to read. */
const sourceMaps = new Map<string, SourceMap | undefined>();

/**
 * The source map of a file that runs: the one that Node knows, which it does with `--enable-source-maps` and where a
 * program like tsx compiles while it loads; else the one beside the file, or the one at its end.
 */
function sourceMapOf(file: string): SourceMap | undefined {
  if (!sourceMaps.has(file)) sourceMaps.set(file, findSourceMap(file) ?? readSourceMap(file));
  return sourceMaps.get(file);
}

/** Without a map, or with one that cannot be read, the file that runs is the best place there is. */
function readSourceMap(file: string): SourceMap | undefined {
  const text = textOf(`${file}.map`) ?? inlineMapOf(textOf(file));
  try {
    return text === undefined ? undefined : new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    return undefined;
  }
}

function inlineMapOf(text: string | undefined): string | undefined {
  const [, encoded] = /^\/\/# sourceMappingURL=data:application\/json[^,\n]*;base64,(\S+)$/m.exec(text ?? '') ?? [];
  return encoded && Buffer.from(encoded, 'base64').toString('utf8');
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
