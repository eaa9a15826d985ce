import Fastify from 'fastify';
import { host, pluginIds, port } from './arguments.mjs';

/** An encapsulated plugin: what it decorates is seen by its own routes only. */
function pluginOf(pluginId) {
  class Greeter {
    greet() {
      return { hello: pluginId };
    }
  }

  return async instance => {
    instance.decorate('greeter', new Greeter());
    instance.get('/hello', async () => instance.greeter.greet());
  };
}

const app = Fastify();
for (const pluginId of pluginIds) app.register(pluginOf(pluginId), { prefix: `/api/${pluginId}` });
await app.listen({ host, port });
