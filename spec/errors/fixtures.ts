import type { ErrorFixture } from './error-fixture.js';
import { cacheFixtures } from './fixtures/caches.js';
import { classFixtures } from './fixtures/classes.js';
import { configurationFixtures } from './fixtures/configuration.js';
import { credentialFixtures } from './fixtures/credentials.js';
import { contractFixtures } from './fixtures/contracts.js';
import { cycleFixtures } from './fixtures/cycles.js';
import { databaseFixtures } from './fixtures/databases.js';
import { eventFixtures } from './fixtures/events.js';
import { extensionPointFixtures } from './fixtures/extension-points.js';
import { idFixtures } from './fixtures/ids.js';
import { importFixtures } from './fixtures/imports.js';
import { multitonFixtures } from './fixtures/multitons.js';
import { natsFixtures } from './fixtures/nats.js';
import { operationFixtures } from './fixtures/operations.js';
import { parameterFixtures } from './fixtures/parameters.js';
import { pluginFixtures } from './fixtures/plugins.js';
import { processFixtures } from './fixtures/processes.js';
import { routeFixtures } from './fixtures/routes.js';
import { scanFixtures } from './fixtures/scans.js';
import { serviceFixtures } from './fixtures/services.js';
import { startFixtures } from './fixtures/starting.js';
import { stopFixtures } from './fixtures/stopping.js';
import { taskFixtures } from './fixtures/tasks.js';
import { testFixtures } from './fixtures/tests.js';
import { webhookFixtures } from './fixtures/webhooks.js';
import { wireFixtures } from './fixtures/wire.js';
import { wrapperFixtures } from './fixtures/wrappers.js';

/** Every mistake that somebody can make, as far as it is known. */
export const errorFixtures: readonly ErrorFixture[] = [
  ...cacheFixtures,
  ...classFixtures,
  ...configurationFixtures,
  ...credentialFixtures,
  ...contractFixtures,
  ...cycleFixtures,
  ...databaseFixtures,
  ...eventFixtures,
  ...extensionPointFixtures,
  ...idFixtures,
  ...importFixtures,
  ...multitonFixtures,
  ...natsFixtures,
  ...operationFixtures,
  ...parameterFixtures,
  ...pluginFixtures,
  ...processFixtures,
  ...routeFixtures,
  ...scanFixtures,
  ...serviceFixtures,
  ...startFixtures,
  ...stopFixtures,
  ...taskFixtures,
  ...testFixtures,
  ...webhookFixtures,
  ...wireFixtures,
  ...wrapperFixtures,
];
