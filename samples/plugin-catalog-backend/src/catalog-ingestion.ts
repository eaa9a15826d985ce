import type { EntityProvider } from '@inventory/plugin-catalog-node';
import { Injectable, LoggerService } from 'backplane';
import { CatalogStore } from './catalog-store.js';
import { ProviderReading, type ProviderProgress, type ReadingProblem } from './provider-reading.js';

/** Reads all providers in the background. */
@Injectable()
export class CatalogIngestion {
  private readonly stopping = new AbortController();
  private readings: ProviderReading[] = [];
  private ended: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: CatalogStore,
    private readonly logger: LoggerService,
  ) {}

  start(providers: readonly EntityProvider[]): void {
    const { signal } = this.stopping;
    this.readings = providers.map(provider => new ProviderReading(provider, this.store, this.logger, signal));
    this.ended = Promise.all(this.readings.map(reading => reading.run()));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  /** How far each provider is, in the order they were added. */
  get progress(): ProviderProgress[] {
    return this.readings.map(reading => reading.progress);
  }

  /** What could not be read; of each provider the first few. */
  get problems(): ReadingProblem[] {
    return this.readings.flatMap(reading => reading.problems);
  }
}
