import { Inject, Plugin } from '../../decorators/index.js';
import { WireService } from '../../lib/api/wire-service.js';
import { isRemoteError } from '../../lib/contract/index.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { mirrorApi, rejection } from '../wire/client/wire-fixture.js';

const own = { credentials: 'own' } as const;

@Plugin({ pluginId: 'asker' })
class AskerPlugin {
  constructor(@Inject(WireService) readonly wire: WireService) {}
}

/** What a plugin is told by the last of so many calls to another that is not there, as an answer would say it. */
export function callingNobody(calls: number, timeout?: number): () => Promise<string> {
  return async () => {
    const endpoints = [{ target: 'http://127.0.0.1:1/api/mirror', plugins: ['mirror'] }];
    await using backend = await TestBackend.start({ features: [AskerPlugin], config: { discovery: { endpoints } } });
    const { wire } = backend.get(AskerPlugin, { pluginId: 'asker' });
    let error: unknown;
    for (let i = 0; i < calls; i++) {
      error = await rejection(
        wire.call(mirrorApi.reflect, { body: { value: i } }, { ...own, ...(timeout !== undefined && { timeout }) }),
      );
    }
    if (!isRemoteError(error)) throw error;
    return `HTTP/1.1 ${error.status}\r\n\r\n${JSON.stringify({ error: { code: error.code } })}`;
  };
}

/** What a plugin is answered that asks itself before it has started. */
export async function askingItself(): Promise<string> {
  let answer = '';
  @Plugin({ pluginId: 'self' })
  class SelfPlugin {
    constructor(@Inject(WireService) private readonly wire: WireService) {}

    async init(): Promise<void> {
      const response = await this.wire.fetch('plugin://self/', { call: own });
      answer = `HTTP/1.1 ${response.status}\r\n\r\n${await response.text()}`;
    }
  }
  await using _backend = await TestBackend.start({ features: [SelfPlugin] });
  return answer;
}
