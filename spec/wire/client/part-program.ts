import type { JsonObject } from '../../../lib/api/config-service.js';
import { Backend } from '../../../lib/default-backend.js';
import { MirrorPlugin } from './wire-fixture.js';
import { RelayPlugin } from './relay-plugin.js';

/** What is started here, of the plugins that the other part may have as well. */
export interface Part {
  readonly plugins: readonly ('mirror' | 'relay')[];
  readonly config: JsonObject;
}

const { plugins, config } = JSON.parse(process.argv[2]!) as Part;
const features = plugins.map(name => (name === 'mirror' ? MirrorPlugin : RelayPlugin));
await Backend.start({ features, config, mode: 'test' });
process.send!('ready');
