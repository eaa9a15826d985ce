import type { SourceFile } from './source-file.js';

/** The packages that are loaded with the file at `entry`: by itself, or by what it loads that is not asked for later. */
export function loadedAtOnce(files: readonly SourceFile[], entry: string): string[] {
  const byPath = new Map(files.map(file => [file.path, file]));
  const seen = new Set<string>();
  const queue = [entry];
  for (const path of queue) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { target, how } of byPath.get(path)?.imports ?? []) {
      if (how === 'static' && target !== undefined) queue.push(target);
    }
  }
  return [...seen].filter(path => !path.endsWith('.ts'));
}
