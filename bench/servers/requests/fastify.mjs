import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import { host, pluginIds, port } from '../arguments.mjs';
import { helloSchema, orderSchema, otherRoutes } from './order.mjs';

/** With the features of Backplane's default stack: security headers, request id, a decision about who may ask. */
const app = Fastify({ requestIdHeader: 'x-request-id' });
await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } });
app.addHook('onRequest', (request, reply, done) => {
  reply.header('x-request-id', request.id);
  reply.header('cache-control', 'no-store');
  if (request.routeOptions.config.allow === 'unauthenticated' || request.headers.authorization) done();
  else reply.code(401).send({ error: 'missing_credentials' });
});

const config = { allow: 'unauthenticated' };

function pluginOf(pluginId) {
  class Greeter {
    greet() {
      return { hello: pluginId };
    }
  }

  return async instance => {
    instance.decorate('greeter', new Greeter());
    instance.get('/hello', { config, schema: { response: { 200: helloSchema } } }, async () =>
      instance.greeter.greet(),
    );
    const schema = { body: orderSchema, response: { 200: orderSchema } };
    instance.post('/echo', { config, schema }, async request => request.body);
    for (const name of otherRoutes) instance.get(`/${name}/:id`, { config }, async request => request.params);
  };
}

for (const pluginId of pluginIds) app.register(pluginOf(pluginId), { prefix: `/api/${pluginId}` });
await app.listen({ host, port });
