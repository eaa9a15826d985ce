import { itKeepsTasks } from '../services/scheduler/scheduler-suite.js';
import { onSharedDatabases } from './harness/shared-databases.js';

onSharedDatabases('tasks that instances share on', itKeepsTasks, ['postgres-schemas', 'mysql']);
