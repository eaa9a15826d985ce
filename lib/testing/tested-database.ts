import type { Class } from '../../decorators/tokens.js';
import type { DatabaseService } from '../api/database-service.js';
import type { givenDatabases } from '../given-services.js';
import { MockLogger } from './mock-logger.js';
import { MockPluginMetadata } from './mock-metadata.js';

/** A plugin that is not there, whose database a test works with. */
export interface TestedPlugin {
  readonly pluginId?: string;
  readonly entities?: readonly Class[];
  readonly migrations?: readonly Class[];
}

/** The database of one plugin, among those of a test without a backend. */
export function testedDatabase(
  newService: ReturnType<typeof givenDatabases>,
  { pluginId = 'test', entities = [], migrations = [] }: TestedPlugin,
): DatabaseService & AsyncDisposable {
  const plugin = new MockPluginMetadata(pluginId);
  return newService({ owners: [{ entities, migrations }] }, { plugin, logger: new MockLogger() });
}
