import type { ProviderProgress, ReadingProblem } from '@inventory/plugin-catalog-common';
import type { EntityProvider } from '@inventory/plugin-catalog-node';
import { Injectable, LoggerService } from 'backplane';
import { CatalogStore } from './catalog-store.js';
import { ProviderReading } from './provider-reading.js';

/** Reads all providers in the background. */
@Injectable()
export class CatalogIngestion {
  private readonly stopping = new AbortController();
  private readonly readings: ProviderReading[] = [];
  private readonly ends: Promise<void>[] = [];

  constructor(
    private readonly store: CatalogStore,
    private readonly logger: LoggerService,
  ) {}

  /** Begins to read a provider; one that fails is told in the log and in its progress. */
  read(provider: EntityProvider): void {
    const reading = new ProviderReading(provider, this.store, this.logger, this.stopping.signal);
    this.readings.push(reading);
    this.ends.push(reading.run());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.ends);
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
