import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a user has registered. */
@Entity('locations')
export class LocationRow {
  /** A digest of what the folder is called by whatever reads it: each is registered once, however it is written. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  /** As it was written. */
  @Column('text')
  folder!: string;

  @Column('varchar', { name: 'registered_by', length: 255 })
  registeredBy!: string;

  /** As ISO 8601, in UTC. */
  @Column('varchar', { name: 'registered_at', length: 24 })
  registeredAt!: string;
}
