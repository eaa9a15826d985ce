import type { Entity, EntityCounts, EntityPage, EntityQuery } from '@inventory/plugin-catalog-common';
import { Injectable } from 'backplane';

/** A query with everything said that a page needs. */
export type PageQuery = EntityQuery & { readonly limit: number };

const { compare } = new Intl.Collator('en', { numeric: true });

/** Keeps the entities, in memory. Nobody else knows how. */
@Injectable()
export class CatalogStore {
  private readonly entities = new Map<string, Entity>();
  private sorted: readonly Entity[] | undefined;

  /** Adds an entity, or replaces the one of the same kind, name and version. */
  put(entity: Entity): void {
    this.entities.set([entity.kind, entity.name, entity.version].join('\n'), entity);
    this.sorted = undefined;
  }

  /** One page of what fits the query, by kind, name and version. */
  find(query: PageQuery): EntityPage {
    const found = this.all().filter(entity => fits(entity, query));
    return { items: found.slice(query.offset, query.offset + query.limit), total: found.length };
  }

  /** Every version of one thing, oldest first. */
  versions(kind: string, name: string): Entity[] {
    return this.all().filter(entity => entity.kind === kind && entity.name === name);
  }

  counts(): EntityCounts {
    const all = this.all();
    return {
      entities: all.length,
      kinds: tally(all.map(entity => entity.kind)),
      licenses: tally(all.flatMap(entity => entity.license ?? [])),
    };
  }

  private all(): readonly Entity[] {
    this.sorted ??= [...this.entities.values()].toSorted(
      (a, b) => compare(a.kind, b.kind) || compare(a.name, b.name) || compare(a.version ?? '', b.version ?? ''),
    );
    return this.sorted;
  }
}

function fits(entity: Entity, { kind, name, license, dependency, q }: EntityQuery): boolean {
  const piece = q?.toLowerCase();
  return (
    (kind === undefined || entity.kind === kind.toLowerCase()) &&
    (name === undefined || entity.name === name) &&
    (license === undefined || entity.license === license) &&
    (dependency === undefined || entity.dependencies.some(other => other.name === dependency)) &&
    (piece === undefined ||
      [entity.name, entity.title, entity.description].some(text => text?.toLowerCase().includes(piece)))
  );
}

function tally(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}
