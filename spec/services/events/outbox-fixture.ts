import type { DataSource, EntityManager } from 'typeorm';
import { Inject, Plugin } from '../../../decorators/index.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { DatabaseService } from '../../../lib/api/database-service.js';
import type { Event } from '../../../lib/api/events-service.js';
import { MetricsService } from '../../../lib/api/metrics-service.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { override } from '../../../lib/testing/override.js';
import { Item } from '../database/database-fixture.js';
import { namesOf, startEvents, subscriber } from './events-fixture.js';
import { StoringPlugin } from './storing-plugin.js';
import { changed } from './topics.js';

/** Where the databases of one test are, until it is over. */
export interface DatabasePlace extends AsyncDisposable {
  /** Its `backend.database`. */
  readonly config: JsonObject;
}

@Plugin({ pluginId: 'other', entities: [Item] })
class OtherPlugin {
  constructor(@Inject(DatabaseService) readonly database: DatabaseService) {}
}

/** A backend whose plugin `store` publishes in transactions, and what arrives of that. */
export async function startOutbox(database: JsonObject, events?: JsonObject) {
  const got: Event[] = [];
  const index = { options: { concurrency: 4 }, handler: (e: Event) => got.push(e) };
  const metrics = mockServices.metrics();
  const backend = await startEvents([StoringPlugin, OtherPlugin, subscriber('search', { index })], {
    database: { synchronize: true, ...database },
    ...(events && { events }),
    overrides: [override(MetricsService).withValue(metrics)],
  });
  const dataSource = (pluginId: string): Promise<DataSource> =>
    backend.backend.get(DatabaseService, { pluginId }).getDataSource();
  const publish = (manager: EntityManager, name: string, key?: string): Promise<void> =>
    backend.eventsOf('store').publish(changed, { name }, { manager, ...(key !== undefined && { key }) });
  return {
    got,
    metrics,
    logger: backend.logger,
    names: () => namesOf(got),
    store: await dataSource('store'),
    other: () => dataSource('other'),
    publish,
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}
