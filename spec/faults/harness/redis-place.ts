import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { redisCommand } from './redis-command.js';
import { urlOf } from './servers.js';

/** Names in the common Redis that nobody else uses; all are removed in the end. */
export class RedisPlace implements AsyncDisposable {
  readonly namespace = `backplane-test-${randomBytes(6).toString('hex')}`;

  /** Patient, since a machine that runs tests is busy. */
  get config(): JsonObject {
    return { store: 'redis', connection: urlOf('redis').href, namespace: this.namespace, timeout: '10s' };
  }

  /** On a connection of its own. */
  command(...command: string[]): Promise<unknown> {
    return redisCommand(urlOf('redis').href, ...command);
  }

  async keys(): Promise<string[]> {
    const found: string[] = [];
    let cursor = '0';
    do {
      const reply = await this.command('SCAN', cursor, 'MATCH', `${this.namespace}:*`, 'COUNT', '1000');
      const [next, keys] = reply as [string, string[]];
      found.push(...keys);
      cursor = next;
    } while (cursor !== '0');
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const keys = await this.keys();
    for (let from = 0; from < keys.length; from += 1_000) {
      await this.command('UNLINK', ...keys.slice(from, from + 1_000));
    }
  }
}
