import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { formatProblem, type Problem } from '../../lib/errors/problem.js';

/** Compiled, this file is in dist/spec/errors. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Set it to write what is, instead of comparing it with what should be: `UPDATE_GOLDEN=1 npx mocha …` */
export const isUpdating = process.env['UPDATE_GOLDEN'] !== undefined;

export const goldenFolder = `${root}spec/errors/golden/`;

/** The problem as its author reads it, on any machine. */
export function portable(problem: Problem): string {
  return formatProblem(problem)
    .replaceAll(pathToFileURL(root).href, '')
    .replaceAll(root, '')
    .replaceAll(pathToFileURL(tmpdir()).href, '<temporary>')
    .replaceAll(tmpdir(), '<temporary>')
    .replaceAll(/<temporary>\/[\w-]+/g, '<temporary>')
    .replaceAll(/((?:lib|decorators)\/[\w./-]+\.ts):\d+:\d+/g, '$1:…')
    .replaceAll(/dist\/bundle\/[\w./-]+\.js/g, 'dist/bundle/….js')
    .replaceAll(/(port |:)\d{5}\b/g, '$1<port>');
}

/** The messages of one code, by what the mistake is: `spec/errors/golden/<CODE>.txt`. */
export class GoldenFile {
  readonly messages = new Map<string, string>();
  readonly #file: string;

  constructor(code: string) {
    this.#file = `${goldenFolder}${code}.txt`;
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : '';
    for (const [, title, message] of text.matchAll(/^# (.+)\n([^]*?)\n(?=\n# |$(?![^]))/gm)) {
      this.messages.set(title!, message!);
    }
  }

  write(messages: ReadonlyMap<string, string>): void {
    const text = [...messages].map(([title, message]) => `# ${title}\n${message}\n`).join('\n');
    writeFileSync(this.#file, text);
  }
}
