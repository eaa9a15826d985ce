import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../../../lib/errors/problem.js';
import type { RootConfig } from '../../../lib/services/config/root-config.js';
import { ConfigFolder } from './config-folder.js';

/** A folder with a configuration that is read again when a file changes. */
export class WatchedFolder extends ConfigFolder {
  readonly warnings: Problem[] = [];

  constructor() {
    super({ 'app-config.yaml': 'a: 1\nb: { c: 1 }\n' });
  }

  async watch(options: Parameters<ConfigFolder['load']>[0] = {}): Promise<RootConfig> {
    const { config, problems } = await this.load({
      watch: true,
      onWarning: warning => this.warnings.push(warning),
      ...options,
    });
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
    // The folders are watched from now on.
    await sleep(50);
    return config;
  }
}
