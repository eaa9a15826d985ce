export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Search {
  readonly fits: (line: LogLine) => boolean;
  readonly found: (line: LogLine) => void;
  readonly failed: (error: Error) => void;
}

/** The JSON lines that a process writes, as they come; what is none is kept as text only. */
export class LogLines {
  readonly all: LogLine[] = [];
  text = '';
  readonly #searches = new Set<Search>();
  #rest = '';
  #ended = false;

  add(text: string): void {
    this.text += text;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#take(line);
  }

  /** Whoever still waits for a line waits in vain. */
  end(): void {
    this.#ended = true;
    for (const { failed } of this.#searches) failed(this.#gone());
  }

  find(fits: (line: LogLine) => boolean): Promise<LogLine> {
    const known = this.all.find(fits);
    if (known) return Promise.resolve(known);
    if (this.#ended) return Promise.reject(this.#gone());
    return new Promise((found, failed) => this.#searches.add({ fits, found, failed }));
  }

  of(level: string): LogLine[] {
    return this.all.filter(line => line.level === level);
  }

  messages(): string[] {
    return this.all.map(line => line.message);
  }

  #take(text: string): void {
    if (!text.startsWith('{')) return;
    const { level, message, ...fields } = JSON.parse(text) as LogLine & Record<string, unknown>;
    const line = { level, message, fields };
    this.all.push(line);
    for (const search of this.#searches) {
      if (!search.fits(line)) continue;
      this.#searches.delete(search);
      search.found(line);
    }
  }

  #gone(): Error {
    return new Error(`the process ended without that line\n${this.text}`);
  }
}
