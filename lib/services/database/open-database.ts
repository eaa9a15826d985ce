import type { DataSource, QueryRunner } from 'typeorm';
import type { Class } from '../../../decorators/tokens.js';

/** What is to be opened, and for whom. */
export interface OpenRequest {
  readonly pluginId: string;
  readonly entities: readonly Class[];
}

/** Who is let into a server, and thereby into what. */
export interface Access {
  /** The server, or the database, that plugins share. */
  readonly server: string;
  readonly user: string;
  /** Whether whatever is there is open to that user. */
  readonly isPrivileged: boolean;
}

/** An open database of one plugin. */
export interface OpenDatabase {
  readonly dataSource: DataSource;
  /** Nothing of it is left when the last one closes it. */
  readonly isInMemory: boolean;
  /** Whether a statement that makes or changes a table ends the transaction it is in. */
  readonly commitsTables?: boolean;
  /** How long to wait for another instance where `exclusively` keeps nobody away, in ms. */
  readonly turn?: number;
  /** As whom it is used; absent where no statement reaches what belongs to other plugins. */
  readonly access?: Access;
  /** Runs `work` while no other instance of the backend does, on a query runner that has the right to. */
  readonly exclusively: (work: (runner: QueryRunner) => Promise<void>) => Promise<void>;
  close(): Promise<void>;
}
