import { randomUUID } from 'node:crypto';
import { Entity, type ProviderProgress, type ReadingProblem } from '@inventory/plugin-catalog-common';
import type { EntityProvider, Reading } from '@inventory/plugin-catalog-node';
import type { LoggerService } from 'backplane';
import type { CatalogStore } from './catalog-store.js';
import { EntityWriter } from './entity-writer.js';

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
    const readBy = { provider: this.provider.name, reading: randomUUID() };
    const writer = new EntityWriter(batch => this.store.put(batch, readBy));
    try {
      await this.writeAll(writer);
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    await this.store.removeOthers(readBy);
  }

  private async writeAll(writer: EntityWriter): Promise<void> {
    let told = Date.now();
    for await (const given of this.provider.read(this)) {
      this.signal.throwIfAborted();
      const { data: entity, error } = Entity.safeParse(given);
      if (!entity) {
        const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
        this.report(given.source, problems.join('; '));
        continue;
      }
      await writer.add(entity);
      this.read += 1;
      if (Date.now() - told < progressEvery) continue;
      told = Date.now();
      this.logger.info(`Reading ${this.provider.name}: ${this.count()} so far`);
    }
    this.signal.throwIfAborted();
    await writer.end();
  }

  private count(): string {
    return `${this.read} entities` + (this.problemCount > 0 ? ` and ${this.problemCount} problems` : '');
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
