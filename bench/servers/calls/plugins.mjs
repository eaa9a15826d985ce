// By path: this folder has a package.json of its own, so the package cannot be named by its name here.
import { defineApi, post } from '../../../dist/bundle/contract.js';
import { clientOf, Controller, Inject, Plugin } from '../../../dist/bundle/index.js';
import { z } from 'zod';
import { order } from '../requests/order.mjs';

const Order = z.object({
  customer: z.string(),
  items: z.array(z.object({ id: z.int(), label: z.string(), price: z.number() })),
});

/** For services only, so that each call carries a token that is checked. */
const echoApi = defineApi({
  pluginId: 'echo',
  operations: { echo: post('/echo', { allow: ['service'], body: Order, response: Order, status: 200 }) },
});

class EchoController {
  echo({ body }) {
    return body;
  }
}
Controller(echoApi)(EchoController);

export class EchoPlugin {}
Plugin({ pluginId: 'echo', controllers: [EchoController] })(EchoPlugin);

class EchoClient extends clientOf(echoApi) {}

/** Calls the other plugin as often as the parent says, and tells it how long that took. */
export class CallingPlugin {
  constructor(echo) {
    this.echo = echo;
  }

  init() {
    process.on('message', async ({ calls }) => {
      await this.call(calls);
      const started = performance.now();
      const answer = await this.call(calls);
      const microseconds = ((performance.now() - started) * 1000) / calls;
      process.send({ microseconds, items: answer.items.length });
    });
  }

  async call(times) {
    let answer;
    for (let i = 0; i < times; i += 1) answer = await this.echo.echo({ body: order }, { credentials: 'own' });
    return answer;
  }
}
Inject(EchoClient)(CallingPlugin, undefined, 0);
Plugin({ pluginId: 'calling' })(CallingPlugin);
