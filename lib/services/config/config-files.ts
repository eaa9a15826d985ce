import { readFileSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/** Larger files are refused; the largest one seen in the field has 60 KiB. */
const maxFileSize = 1024 * 1024;

/** The text of a file, or why it cannot be had. */
export type FileText =
  | { readonly text: string }
  | { readonly text?: undefined; readonly refusal: string; readonly fix: string; readonly absent: boolean };

/** The files that one reading of the configuration looks at. Reads at once, as a start waits for them anyway. */
export class ConfigFiles {
  /** What each file looked like before it was read, by absolute path; also of those that were not there. */
  readonly seen = new Map<string, string>();
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  read(file: string): FileText {
    try {
      const stats = this.#look(file);
      if (!stats) return { refusal: 'does not exist', fix: 'create it, or correct its name.', absent: true };
      if (!stats.isFile()) return refused('is not a file', 'name a file.');
      if (stats.size > maxFileSize) return refused('is larger than 1 MiB', 'keep large data out of the configuration.');
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) };
    } catch (error) {
      if (error instanceof TypeError) return refused('is not UTF-8 text', 'save it as UTF-8.');
      return refused(`cannot be read (${(error as NodeJS.ErrnoException).code})`, 'let the backend read it.');
    }
  }

  /** The real path of a file that lies below one of the folders; a link that leads out of them does not count. */
  confine(file: string, folders: readonly string[]): string | undefined {
    this.#look(file);
    const real = realPath(file);
    return folders.some(folder => isBelow(real, realPath(folder))) ? real : undefined;
  }

  /** As its author knows it: relative to the working directory or to the configuration's folder, else absolute. */
  describe(file: string): string {
    const known = [process.cwd(), this.#root, realPath(this.#root)].find(folder => isBelow(file, folder));
    return known === undefined ? file : relative(known, file);
  }

  #look(file: string): BigIntStats | undefined {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    for (const path of new Set([file, realPath(file)])) {
      if (!this.seen.has(path)) this.seen.set(path, fingerprint(stats));
    }
    return stats;
  }
}

/** Changes whenever the file, or what a link to it leads to, does. */
export function fingerprint(stats: BigIntStats | undefined): string {
  return stats ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : 'absent';
}

function refused(refusal: string, fix: string): FileText {
  return { refusal, fix, absent: false };
}

/** With all links followed; of a file that does not exist, with those of its folder followed. */
export function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    const folder = dirname(file);
    return folder === file ? file : resolve(realPath(folder), file.slice(folder.length).replace(/^[/\\]+/, ''));
  }
}

function isBelow(file: string, folder: string): boolean {
  const path = relative(folder, file);
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}
