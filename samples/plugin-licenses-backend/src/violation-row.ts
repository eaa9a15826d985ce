import type { Finding } from '@inventory/plugin-licenses-common';
import { Entity, PrimaryColumn } from 'typeorm';

/** What the last review found. */
@Entity('violations')
export class ViolationRow {
  @PrimaryColumn('varchar', { length: 100 })
  kind!: string;

  @PrimaryColumn('varchar', { length: 255 })
  name!: string;

  /** Empty where it has none. */
  @PrimaryColumn('varchar', { length: 255 })
  version!: string;
}

export function violationOf({ kind, name, version = '' }: Finding): ViolationRow {
  return { kind, name, version };
}
