import type { ProviderProgress, ReadingProblem } from '@inventory/plugin-catalog-common';
import type { EntityProvider, Reading } from '@inventory/plugin-catalog-node';
import type { LoggerService } from 'backplane';
import type { CatalogStore } from './catalog-store.js';

const progressEvery = 1_000;
const problemsKept = 20;

/** Reads one provider into the store. */
export class ProviderReading implements Reading {
  private state: ProviderProgress['state'] = 'reading';
  private read = 0;
  private problemCount = 0;
  /** The first problems; one broken source may have thousands. */
  readonly problems: ReadingProblem[] = [];

  constructor(
    private readonly provider: EntityProvider,
    private readonly store: CatalogStore,
    private readonly logger: LoggerService,
    readonly signal: AbortSignal,
  ) {}

  get progress(): ProviderProgress {
    const { state, read, problemCount: problems } = this;
    return { provider: this.provider.name, state, read, problems };
  }

  report(place: string, problem: string): void {
    this.problemCount += 1;
    if (this.problemCount > problemsKept) return;
    const provider = this.provider.name;
    this.problems.push({ provider, place, problem });
    this.logger.warn(`${place}: ${problem}`, { provider });
  }

  /** Never rejects: a provider that fails is told in the log and in its progress. */
  async run(): Promise<void> {
    const { name } = this.provider;
    const started = Date.now();
    try {
      await this.readAll();
      this.state = 'done';
      this.logger.info(`Read ${this.count()} from ${name} in ${Date.now() - started} ms`);
    } catch (error) {
      this.state = this.signal.aborted ? 'stopped' : 'failed';
      if (this.state === 'stopped') this.logger.info(`Stopped reading ${name} after ${this.count()}`);
      else this.logger.error(`Reading ${name} failed after ${this.count()}`, asError(error));
    }
  }

  private async readAll(): Promise<void> {
    let told = Date.now();
    for await (const entity of this.provider.read(this)) {
      this.signal.throwIfAborted();
      this.store.put(entity);
      this.read += 1;
      if (Date.now() - told < progressEvery) continue;
      told = Date.now();
      this.logger.info(`Reading ${this.provider.name}: ${this.count()} so far`);
    }
    this.signal.throwIfAborted();
  }

  private count(): string {
    return `${this.read} entities` + (this.problemCount > 0 ? ` and ${this.problemCount} problems` : '');
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
