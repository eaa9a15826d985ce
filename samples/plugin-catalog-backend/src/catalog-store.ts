import type { Entity } from '@inventory/plugin-catalog-node';
import { Injectable } from 'backplane';
import type { EntityQuery } from './entity-query.js';

export interface EntityPage {
  readonly items: readonly Entity[];
  /** How many entities the query has on all pages. */
  readonly total: number;
}

export interface EntityCounts {
  readonly entities: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Most used first; what states no license is not counted. */
  readonly licenses: Readonly<Record<string, number>>;
}

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
  find(query: EntityQuery): EntityPage {
    const found = this.all().filter(entity => fits(entity, query));
    return { items: found.slice(query.offset, query.offset + query.limit), total: found.length };
  }

  /** Every version of one thing, oldest first. */
  versions(kind: string, name: string): readonly Entity[] {
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
  return (
    (kind === undefined || entity.kind === kind) &&
    (name === undefined || entity.name === name) &&
    (license === undefined || entity.license === license) &&
    (dependency === undefined || entity.dependencies.some(other => other.name === dependency)) &&
    (q === undefined || [entity.name, entity.title, entity.description].some(text => text?.toLowerCase().includes(q)))
  );
}

function tally(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}
