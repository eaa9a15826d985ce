import { Get, Inject, Plugin, Post } from '../../../decorators/index.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { isRemoteError } from '../../../lib/contract/index.js';
import { mirrorApi, own, textOf } from './wire-fixture.js';

/** Hands on to `mirror` what it is asked, wherever that is. */
@Plugin({ pluginId: 'relay' })
export class RelayPlugin {
  constructor(@Inject(WireService) private readonly wire: WireService) {}

  @Get('/greet/:name', { allow: 'unauthenticated' })
  async greet(ctx: PluginContext): Promise<unknown> {
    const answer = await this.wire.call(mirrorApi.greet, { params: { name: ctx.params['name']! } }, own);
    const { name, by } = answer as { name: string; by: string };
    return { name, by };
  }

  @Post('/reflect', { allow: 'unauthenticated' })
  async reflect(ctx: PluginContext): Promise<unknown> {
    return this.wire.call(mirrorApi.reflect, { body: { value: JSON.parse(await textOf(ctx)) as unknown } }, own);
  }

  @Get('/refused', { allow: 'unauthenticated' })
  async refused(): Promise<unknown> {
    try {
      return await this.wire.call(mirrorApi.onlyUsers, {}, own);
    } catch (error) {
      return isRemoteError(error)
        ? { status: error.status, code: error.code, message: error.message }
        : 'something else';
    }
  }
}
