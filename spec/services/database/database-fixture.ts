import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Inject, Plugin } from '../../../decorators/index.js';
import type { Class } from '../../../decorators/tokens.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { DatabaseService } from '../../../lib/api/database-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

@Entity('items')
export class Item {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar')
  name!: string;
}

/** A plugin that has opened its database when it has started. */
export function pluginWith(pluginId: string, tables: { entities?: Class[]; migrations?: Class[] } = {}): Class {
  @Plugin({ pluginId, ...tables })
  class StoringPlugin {
    constructor(@Inject(DatabaseService) private readonly database: DatabaseService) {}
    async init(): Promise<void> {
      await this.database.getDataSource();
    }
  }
  return StoringPlugin;
}

/** A backend with a `backend.database`. */
export async function startWith(features: readonly Class[], database: JsonObject = {}): Promise<TestBackend> {
  return TestBackend.start({ features: [...features], config: { backend: { database, logger: { level: 'silent' } } } });
}

export function dataSourceOf(backend: TestBackend, pluginId: string): Promise<DataSource> {
  return backend.get(DatabaseService, { pluginId }).getDataSource();
}

/** A database with an empty table of items, and how it is ended. */
export interface Opened extends AsyncDisposable {
  readonly dataSource: DataSource;
}

export async function openItems(database: JsonObject): Promise<Opened> {
  const backend = await startWith([pluginWith('store', { entities: [Item] })], { synchronize: true, ...database });
  return { dataSource: await dataSourceOf(backend, 'store'), [Symbol.asyncDispose]: () => backend.stop() };
}

/** The same in a place of its own, which is gone afterwards. */
export async function openItemsIn(place: AsyncDisposable & { readonly config: JsonObject }): Promise<Opened> {
  try {
    const { dataSource, ...opened } = await openItems(place.config);
    return {
      dataSource,
      [Symbol.asyncDispose]: async () => {
        await opened[Symbol.asyncDispose]();
        await place[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw error;
  }
}
