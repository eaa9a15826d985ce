import { defineTopic } from 'backplane/contract';
import { z } from 'zod';
import { Entity } from './entity.js';

const EntityChange = Entity.pick({ kind: true, name: true, version: true }).extend({
  /** `written` of what is new as well. */
  change: z.enum(['written', 'removed']),
});
export type EntityChange = z.output<typeof EntityChange>;

/** What has changed in the catalog; all events of one thing have the same key. */
export const entityChanged = defineTopic({ pluginId: 'catalog', id: 'entity-changed', payload: EntityChange });
