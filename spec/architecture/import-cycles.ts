import type { SourceFile } from './source-file.js';

/** Files that load each other while they are loaded, each cycle once, as `a.ts → b.ts → a.ts`. */
export function cyclesIn(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map(file => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];

  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push([...trail.slice(start), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const { target, how } of byPath.get(path)?.imports ?? []) {
      if (how === 'static' && target !== undefined) visit(target, [...trail, path]);
    }
    done.add(path);
  };

  for (const path of byPath.keys()) visit(path, []);
  return cycles;
}
