import type { DataSource, QueryRunner } from 'typeorm';
import type { Class } from '../../../decorators/tokens.js';

/** What is to be opened, and for whom. */
export interface OpenRequest {
  readonly pluginId: string;
  readonly entities: readonly Class[];
}

/** An open database of one plugin. */
export interface OpenDatabase {
  readonly dataSource: DataSource;
  /** Nothing of it is left when the last one closes it. */
  readonly isInMemory: boolean;
  /** Runs `work` while no other instance of the backend does, on a query runner that has the right to. */
  readonly exclusively: (work: (runner: QueryRunner) => Promise<void>) => Promise<void>;
  close(): Promise<void>;
}
