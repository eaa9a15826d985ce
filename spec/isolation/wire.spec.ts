import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { z } from 'zod';
import { Controller, Get, Plugin } from '../../decorators/index.js';
import { clientOf } from '../../lib/api/client-of.js';
import { errorOf } from '../../lib/api/error-of.js';
import { defineApi, get, isRemoteError } from '../../lib/contract/index.js';
import { TestBackend } from '../../lib/testing/test-backend.js';

const api = defineApi({
  pluginId: 'b',
  operations: {
    look: get('/look', { response: z.object({ store: z.string().optional() }) }),
    fail: get('/fail', { errors: { broken: { status: 409, details: z.object({ part: z.string() }) } } }),
  },
});

class ClientOfB extends clientOf(api) {}

/** What a plugin might keep of its request, in a module that another has imported. */
const currentUser = new AsyncLocalStorage<string>();

const insides = { name: 'insides of b', secret: 's3cret' };

@Controller(api)
class ControllerOfB {
  async look(): Promise<{ store?: string }> {
    await Promise.resolve();
    const store = currentUser.getStore();
    return store === undefined ? {} : { store };
  }

  fail(): void {
    const details = { part: 'p', insides };
    throw Object.assign(errorOf(api.fail, 'broken', { details, cause: new Error('s3cret') }), { insides });
  }
}

@Plugin({ pluginId: 'b', controllers: [ControllerOfB] })
class PluginB {}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(readonly client: ClientOfB) {}

  @Get('/look', { allow: 'unauthenticated' })
  look(): Promise<unknown> {
    return currentUser.run('ada', async () => {
      const seen = await this.client.look({}, { credentials: 'own' });
      return { seen, own: currentUser.getStore() };
    });
  }
}

describe('A call over the wire', () => {
  it('I37 begins anew: what a plugin keeps for its request is not there in the next', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, PluginB] });

    expect((await backend.request.get('/api/a/look')).body).to.deep.equal({ seen: {}, own: 'ada' });
  });

  it('I44 fails with an error made anew from JSON, which leads to nothing of the plugin that failed', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, PluginB] });
    const { client } = backend.get(PluginA, { pluginId: 'a' });
    const error: unknown = await client.fail({}, { credentials: 'own' }).catch((thrown: unknown) => thrown);

    if (!isRemoteError(error, api.fail, 'broken')) throw error;
    expect(error.details).to.deep.equal({ part: 'p' });
    expect(error.cause).to.equal(undefined);
    expect(error).not.to.have.property('insides');
    expect(JSON.stringify(error) + error.stack).not.to.contain('s3cret');
  });
});
