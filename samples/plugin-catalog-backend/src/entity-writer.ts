import type { Entity } from '@inventory/plugin-catalog-common';

const largestBatch = 200;

/** Writes entities as fast as they can be written: what comes in the meantime is the next batch. */
export class EntityWriter {
  private batch: Entity[] = [];
  private writing: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly write: (batch: readonly Entity[]) => Promise<void>) {}

  /** Waits where writing is slower. Rejects once a write has failed. */
  async add(entity: Entity): Promise<void> {
    this.batch.push(entity);
    this.writing ??= this.writeAll();
    if (this.batch.length >= largestBatch) await this.writing;
    this.throwFailure();
  }

  /** Resolves when all is written. */
  async end(): Promise<void> {
    await this.writing;
    this.throwFailure();
  }

  /** Writes nothing more but the batch that is being written. */
  async abandon(): Promise<void> {
    this.batch = [];
    await this.writing;
  }

  /** Never rejects: whoever adds the next entity, or ends, gets the failure. */
  private async writeAll(): Promise<void> {
    try {
      while (this.batch.length > 0 && !this.failure) {
        const batch = this.batch;
        this.batch = [];
        await this.write(batch);
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.writing = undefined;
    }
  }

  private throwFailure(): void {
    if (this.failure) throw this.failure.error;
  }
}
