import type { Entity as CatalogEntity } from '@inventory/plugin-catalog-common';
import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from 'typeorm';
import { createHash } from 'node:crypto';
import { sortKeyOf } from './sort-key.js';

/** What everything that is read in one go has in common. */
export interface ReadBy {
  readonly provider: string;
  /** Names the reading: what the provider no longer has was read by an earlier one. */
  readonly reading: string;
}

@Entity('entities')
export class EntityRow {
  /** A digest of kind, name and version, which together are unique. */
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('varchar', { length: 100 })
  kind!: string;

  @Column('varchar', { length: 255 })
  name!: string;

  @Column('varchar', { length: 255, nullable: true })
  version!: string | null;

  @Column('text', { nullable: true })
  title!: string | null;

  @Column('text', { nullable: true })
  license!: string | null;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('text', { nullable: true })
  homepage!: string | null;

  @Column('text', { nullable: true })
  owner!: string | null;

  @Column('text')
  source!: string;

  @Column('text', { name: 'sort_key' })
  sortKey!: string;

  /** Name, title and description in lower case. */
  @Column('text')
  words!: string;

  /** Tells whether anything has changed. */
  @Column('varchar', { length: 64 })
  digest!: string;

  @Column('varchar', { length: 255 })
  provider!: string;

  @Column('varchar', { length: 36 })
  reading!: string;

  @OneToMany(() => DependencyRow, dependency => dependency.entity)
  dependencies!: DependencyRow[];
}

@Entity('dependencies')
export class DependencyRow {
  @PrimaryColumn('varchar', { name: 'entity_id', length: 64 })
  entityId!: string;

  @PrimaryColumn('integer')
  position!: number;

  @Column('varchar', { length: 255 })
  name!: string;

  @Column('text', { nullable: true })
  range!: string | null;

  @ManyToOne(() => EntityRow, entity => entity.dependencies, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'entity_id' })
  entity?: EntityRow;
}

/** The row of an entity, its dependencies apart. */
export function rowOf(entity: CatalogEntity, readBy: ReadBy): Omit<EntityRow, 'dependencies'> {
  const { kind, name, version, title, license, description, homepage, owner, source } = entity;
  const texts = [name, title, description].filter(text => text !== undefined);
  return {
    id: digestOf([kind, name, version]),
    kind,
    name,
    version: version ?? null,
    title: title ?? null,
    license: license ?? null,
    description: description ?? null,
    homepage: homepage ?? null,
    owner: owner ?? null,
    source,
    sortKey: sortKeyOf([kind, name, version ?? '']),
    words: texts.join('\n').toLowerCase(),
    digest: digestOf(entity),
    ...readBy,
  };
}

export function dependencyRowsOf(entityId: string, { dependencies }: CatalogEntity): Omit<DependencyRow, 'entity'>[] {
  return dependencies.map(({ name, range }, position) => ({ entityId, position, name, range: range ?? null }));
}

export function entityOf(row: EntityRow): CatalogEntity {
  const { kind, name, title, version, license, description, homepage, owner, source } = row;
  const optional = Object.entries({ title, version, license, description, homepage, owner });
  return {
    kind,
    name,
    ...Object.fromEntries(optional.filter(([, value]) => value !== null)),
    dependencies: row.dependencies
      .toSorted((a, b) => a.position - b.position)
      .map(({ name: of, range }) => ({ name: of, ...(range !== null && { range }) })),
    source,
  };
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
