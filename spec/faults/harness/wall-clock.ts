import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const library = libraryOfFaketime();

/** The clock on the wall of child processes with its `env`, which a test sets as an operator does. Timers go on. */
export class WallClock implements Disposable {
  static readonly isInstalled = library !== undefined;

  readonly env: Readonly<Record<string, string>>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'wall-clock-'));
  readonly #file = join(this.#folder, 'shift');

  constructor() {
    this.set('+0');
    this.env = {
      LD_PRELOAD: library!,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** How far it is ahead of the machine's, as `+1h` or `-5d`. */
  set(shift: string): void {
    writeFileSync(this.#file, shift);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Where a distribution has put it, the program knows. */
function libraryOfFaketime(): string | undefined {
  try {
    return execFileSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
