export { catalogApi, type EntityCounts, type EntityPage } from './catalog-api.js';
export { entityChanged, type EntityChange } from './entity-changed.js';
export { EntityQuery } from './entity-query.js';
export { Entity, type Dependency } from './entity.js';
export { ProviderProgress, ReadingProblem } from './ingestion.js';
export { Location, NewLocation } from './location.js';
