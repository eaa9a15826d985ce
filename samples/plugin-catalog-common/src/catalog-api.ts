import { defineApi, get, post } from 'backplane/contract';
import { z } from 'zod';
import { EntityQuery } from './entity-query.js';
import { Entity } from './entity.js';
import { ProviderProgress, ReadingProblem } from './ingestion.js';
import { Location, NewLocation } from './location.js';

const EntityPage = z.object({
  items: z.array(Entity),
  /** How many entities the query has on all pages. */
  total: z.number().int(),
});
export type EntityPage = z.output<typeof EntityPage>;

const Versions = z.object({ versions: z.array(Entity) });

const EntityCounts = z.object({
  entities: z.number().int(),
  kinds: z.record(z.string(), z.number().int()),
  /** Most used first; what states no license is not counted. */
  licenses: z.record(z.string(), z.number().int()),
});
export type EntityCounts = z.output<typeof EntityCounts>;

const unknownEntity = { unknown_entity: { status: 404, description: 'The catalog has no such entity' } };

/** The catalog: software components, their versions, licenses and dependencies. Reading is open to anybody. */
export const catalogApi = defineApi({
  pluginId: 'catalog',
  operations: {
    listEntities: get('/entities', {
      summary: 'One page of what fits the query, by kind, name and version',
      allow: 'unauthenticated',
      query: EntityQuery,
      response: EntityPage,
    }),
    getEntity: get('/entities/:kind/:name', {
      summary: 'Every version of one thing, oldest first',
      allow: 'unauthenticated',
      params: z.object({ kind: z.string(), name: z.string() }),
      response: Versions,
      errors: unknownEntity,
    }),
    getScopedEntity: get('/entities/:kind/:scope/:name', {
      summary: 'The same of an npm package with a scope, as component/@koa/router',
      allow: 'unauthenticated',
      params: z.object({ kind: z.string(), scope: z.string(), name: z.string() }),
      response: Versions,
      errors: unknownEntity,
    }),
    getStats: get('/stats', {
      summary: 'What there is, and how far the reading is',
      allow: 'unauthenticated',
      response: EntityCounts.extend({ ingestion: z.array(ProviderProgress) }),
    }),
    listProblems: get('/problems', {
      summary: 'What could not be read; it quotes what stands in broken files',
      response: z.object({ items: z.array(ReadingProblem) }),
    }),
    listLocations: get('/locations', {
      summary: 'The registered locations',
      allow: 'unauthenticated',
      response: z.object({ items: z.array(Location) }),
    }),
    addLocation: post('/locations', {
      summary: 'Registers a folder, to be searched for descriptors',
      allow: ['user'],
      body: NewLocation,
      response: Location,
      status: 201,
      errors: {
        location_exists: {
          status: 409,
          description: 'It is registered already',
          details: z.object({ id: z.string() }),
        },
        location_refused: { status: 422, description: 'Nothing reads locations, or not this one' },
      },
    }),
  },
});
