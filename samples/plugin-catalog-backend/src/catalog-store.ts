import {
  entityChanged,
  type Entity,
  type EntityChange,
  type EntityCounts,
  type EntityPage,
  type EntityQuery,
} from '@inventory/plugin-catalog-common';
import { DatabaseService, EventsService, Injectable } from 'backplane';
import { type EntityManager, type FindOptionsWhere, In, Not, Raw, type Repository } from 'typeorm';
import { DependencyRow, dependencyRowsOf, entityOf, EntityRow, type ReadBy, rowOf } from './entity-row.js';

/** A query with everything said that a page needs. */
export type PageQuery = EntityQuery & { readonly limit: number };

/** Keeps the entities in the plugin's database, and tells what has changed. Nobody else knows how. */
@Injectable()
export class CatalogStore {
  constructor(
    private readonly database: DatabaseService,
    private readonly events: EventsService,
  ) {}

  /** Adds entities, or replaces those of the same kind, name and version: all of them or none. */
  async put(entities: readonly Entity[], readBy: ReadBy): Promise<void> {
    const byId = new Map(entities.map(entity => [rowOf(entity, readBy).id, entity]));
    const source = await this.database.getDataSource();
    await source.transaction(async manager => {
      const known = await digestsOf(manager, [...byId.keys()]);
      const rows = [...byId.values()].map(entity => rowOf(entity, readBy));
      const changed = rows.filter(({ id, digest }) => known.get(id) !== digest);
      const changedIds = changed.map(({ id }) => id);
      await manager.upsert(EntityRow, rows, ['id']);
      if (changedIds.length === 0) return;
      await manager.delete(DependencyRow, { entityId: In(changedIds) });
      const dependencies = changedIds.flatMap(id => dependencyRowsOf(id, byId.get(id)!));
      if (dependencies.length > 0) await manager.insert(DependencyRow, dependencies);
      await this.tell(manager, changed, 'written');
    });
  }

  /** Removes what the provider gave in earlier readings and no longer in this one. */
  async removeOthers({ provider, reading }: ReadBy): Promise<void> {
    const source = await this.database.getDataSource();
    await source.transaction(async manager => {
      const gone = await manager.findBy(EntityRow, { provider, reading: Not(reading) });
      await manager.remove(gone);
      await this.tell(manager, gone, 'removed');
    });
  }

  /** One page of what fits the query, by kind, name and version. */
  async find(query: PageQuery): Promise<EntityPage> {
    const entities = await this.entities();
    const [rows, total] = await entities.findAndCount({
      where: whereOf(query),
      relations: { dependencies: true },
      relationLoadStrategy: 'query',
      order: { sortKey: 'ASC' },
      skip: query.offset,
      take: query.limit,
    });
    return { items: rows.map(entityOf), total };
  }

  /** Every version of one thing, oldest first. */
  async versions(kind: string, name: string): Promise<Entity[]> {
    const entities = await this.entities();
    const rows = await entities.find({
      where: { kind, name },
      relations: { dependencies: true },
      relationLoadStrategy: 'query',
      order: { sortKey: 'ASC' },
    });
    return rows.map(entityOf);
  }

  async counts(): Promise<EntityCounts> {
    const rows = await this.entities();
    const [kinds, licenses] = [await tally(rows, 'kind'), await tally(rows, 'license')];
    return { entities: Object.values(kinds).reduce((sum, count) => sum + count, 0), kinds, licenses };
  }

  /** In the transaction of the change: whoever hears of it finds it done. */
  private async tell(
    manager: EntityManager,
    rows: readonly Pick<EntityRow, 'kind' | 'name' | 'version'>[],
    change: EntityChange['change'],
  ): Promise<void> {
    for (const { kind, name, version } of rows) {
      const payload = { kind, name, ...(version !== null && { version }), change };
      await this.events.publish(entityChanged, payload, { key: `${kind} ${name}`, manager });
    }
  }

  private async entities(): Promise<Repository<EntityRow>> {
    return (await this.database.getDataSource()).getRepository(EntityRow);
  }
}

async function digestsOf(manager: EntityManager, ids: string[]): Promise<Map<string, string>> {
  const rows = await manager.find(EntityRow, { select: { id: true, digest: true }, where: { id: In(ids) } });
  return new Map(rows.map(({ id, digest }) => [id, digest]));
}

function whereOf({ kind, name, license, dependency, q }: EntityQuery): FindOptionsWhere<EntityRow> {
  return {
    ...(kind !== undefined && { kind: kind.toLowerCase() }),
    ...(name !== undefined && { name }),
    ...(license !== undefined && { license }),
    ...(dependency !== undefined && { dependencies: { name: dependency } }),
    ...(q !== undefined && { words: containing(q.toLowerCase()) }),
  };
}

function containing(piece: string) {
  const pattern = `%${piece.replaceAll(/[!%_]/g, '!$&')}%`;
  return Raw(column => `${column} LIKE :pattern ESCAPE '!'`, { pattern });
}

/** How many entities have each value of the column, where one is stated; most used first. */
async function tally(entities: Repository<EntityRow>, column: 'kind' | 'license'): Promise<Record<string, number>> {
  const rows = await entities
    .createQueryBuilder('entity')
    .select(`entity.${column}`, 'value')
    .addSelect('COUNT(*)', 'count')
    .where(`entity.${column} IS NOT NULL`)
    .groupBy(`entity.${column}`)
    .getRawMany<{ value: string; count: number | string }>();
  // PostgreSQL gives counts as texts.
  const counts = rows.map(({ value, count }) => [value, Number(count)] as const);
  return Object.fromEntries(counts.toSorted(([, a], [, b]) => b - a));
}
