import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSource, type SourceFile } from './source-file.js';

/** Compiled, this file is in dist/spec/architecture. */
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Every TypeScript file of the framework, parsed. */
export function frameworkFiles(): SourceFile[] {
  return ['decorators', 'lib'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => /\.[cm]?tsx?$/.test(file))
      .map(file => join(folder, file).split(sep).join('/'))
      .map(path => parseSource(path, readFileSync(join(root, path), 'utf8'))),
  );
}
