import { expect } from 'chai';
import { Get, Inject, Plugin, Post } from '../../../decorators/index.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { mirrorApi } from './wire-fixture.js';

@Plugin({ pluginId: 'mirror' })
class MirrorPlugin {
  @Get('/greet/:name', { allow: 'unauthenticated' })
  greet(ctx: PluginContext): unknown {
    return { name: ctx.params['name'], headers: ctx.headers };
  }

  @Post('/reflect')
  async reflect(ctx: PluginContext): Promise<unknown> {
    let text = '';
    for await (const chunk of ctx.req) text += String(chunk);
    return JSON.parse(text) as unknown;
  }
}

@Plugin({ pluginId: 'asker' })
class AskerPlugin {
  constructor(@Inject(WireService) readonly wire: WireService) {}
}

describe('A call in memory', () => {
  it('reaches the other plugin and brings back its answer', async () => {
    await using backend = await TestBackend.start({ features: [MirrorPlugin, AskerPlugin] });
    const { wire } = backend.get(AskerPlugin, { pluginId: 'asker' });
    const answer = await wire.call(mirrorApi.greet, { params: { name: 'a/b' } }, { credentials: 'own' });
    console.log(answer);
    const answer2 = await wire.call(mirrorApi.reflect, { body: { value: [1] } }, { credentials: 'own' });
    expect(answer2).to.deep.equal({ value: [1] });
    const res = await wire.fetch('plugin://mirror/greet/x?y=1', { call: { credentials: 'own' } });
    console.log(res.status, await res.text());
  });
});
