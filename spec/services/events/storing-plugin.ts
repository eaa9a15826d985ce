import { Inject, Plugin } from '../../../decorators/index.js';
import { DatabaseService } from '../../../lib/api/database-service.js';
import { EventsService } from '../../../lib/api/events-service.js';
import { Item } from '../database/database-fixture.js';

/** The plugin that owns the topics, with a table of its own: it can publish in a transaction. */
@Plugin({ pluginId: 'store', entities: [Item] })
export class StoringPlugin {
  constructor(
    @Inject(EventsService) readonly events: EventsService,
    @Inject(DatabaseService) readonly database: DatabaseService,
  ) {}
}
