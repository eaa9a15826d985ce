import type { ProviderProgress, ReadingProblem } from '@inventory/plugin-catalog-common';
import type { EntityProvider } from '@inventory/plugin-catalog-node';
import { Injectable, LoggerService } from 'backplane';
import { CatalogStore } from './catalog-store.js';
import { ProviderReading } from './provider-reading.js';

/** Reads providers in the background. */
@Injectable()
export class CatalogIngestion {
  private readonly stopping = new AbortController();
  /** The last reading of each provider, in the order in which they were first read. */
  private readonly readings = new Map<string, ProviderReading>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly store: CatalogStore,
    private readonly logger: LoggerService,
  ) {}

  /** Resolves when the provider is read; one that fails is told in the log and in its progress. */
  async read(provider: EntityProvider, signal?: AbortSignal): Promise<void> {
    const signals = [this.stopping.signal, ...(signal ? [signal] : [])];
    const reading = new ProviderReading(provider, this.store, this.logger, AbortSignal.any(signals));
    this.readings.set(provider.name, reading);
    const run = reading.run();
    this.running.add(run);
    await run;
    this.running.delete(run);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  /** How far each provider is. */
  get progress(): ProviderProgress[] {
    return [...this.readings.values()].map(reading => reading.progress);
  }

  /** What could not be read; of each provider the first few. */
  get problems(): ReadingProblem[] {
    return [...this.readings.values()].flatMap(reading => reading.problems);
  }
}
