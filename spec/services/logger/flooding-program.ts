// Logs as many MiB as its argument says, reports on standard error, and ends when its standard input does.
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { RootInstanceMetadataService, type InstalledPlugin, type Mode } from '../../../lib/api/metadata-services.js';
import { RootLogger } from '../../../lib/services/logger/root-logger.js';
import { FixedSecrets } from './logger-fixture.js';
import { PlainConfig } from './plain-config.js';

class Production extends RootInstanceMetadataService {
  readonly mode: Mode = 'production';
  readonly root = process.cwd();

  getInstalledPlugins(): readonly InstalledPlugin[] {
    return [];
  }
}

const logger = await RootLogger.create(new PlainConfig(), new Production(), new FixedSecrets());
const message = 'x'.repeat(1024 - 70);
const before = process.memoryUsage.rss();
for (let megabyte = 0; megabyte < Number(process.argv[2]); megabyte++) {
  for (let i = 0; i < 1024; i++) logger.info(message);
  await turn();
}
const growth = (process.memoryUsage.rss() - before) / 1024 / 1024;
process.stderr.write(`${JSON.stringify({ growth })}\n`);

process.stdin.resume();
await once(process.stdin, 'end');
await logger[Symbol.asyncDispose]();
