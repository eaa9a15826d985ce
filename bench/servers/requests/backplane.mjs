// By path: this folder has a package.json of its own, so the package cannot be named by its name here.
import { defineApi, get, post } from '../../../dist/bundle/contract.js';
import { Backend, Controller, Inject, Plugin, Service } from '../../../dist/bundle/index.js';
import { z } from 'zod';
import { host, pluginIds, port } from '../arguments.mjs';
import { otherRoutes } from './order.mjs';

const Hello = z.object({ hello: z.string() });
const Order = z.object({
  customer: z.string(),
  items: z.array(z.object({ id: z.int(), label: z.string(), price: z.number() })),
});
const Id = z.object({ id: z.string() });

/** A plugin with a contract of ten operations; decorators are called as functions, so nothing is to be compiled. */
function pluginOf(pluginId) {
  const allow = 'unauthenticated';
  const api = defineApi({
    pluginId,
    operations: {
      hello: get('/hello', { allow, response: Hello }),
      echo: post('/echo', { allow, body: Order, response: Order, status: 200 }),
      ...Object.fromEntries(otherRoutes.map(name => [name, get(`/${name}/:id`, { allow, params: Id, response: Id })])),
    },
  });

  class Greeter {
    greet() {
      return { hello: pluginId };
    }
  }
  Service({ id: `${pluginId}.greeter`, scope: 'plugin' })(Greeter);

  class GreetingController {
    constructor(greeter) {
      this.greeter = greeter;
    }
    hello() {
      return this.greeter.greet();
    }
    echo({ body }) {
      return body;
    }
  }
  for (const name of otherRoutes) GreetingController.prototype[name] = ({ params }) => params;
  Inject(Greeter)(GreetingController, undefined, 0);
  Controller(api)(GreetingController);

  class GreetingPlugin {}
  Plugin({ pluginId, controllers: [GreetingController] })(GreetingPlugin);
  return GreetingPlugin;
}

await Backend.start({
  features: pluginIds.map(pluginOf),
  // No peer logs its requests.
  config: { backend: { listen: { host, port }, requestLog: false } },
});
