import { createBackend } from '@backstage/backend-defaults';
import { coreServices, createBackendPlugin, createServiceFactory } from '@backstage/backend-plugin-api';
import { ConfigReader } from '@backstage/config';
import { json, Router } from 'express';
import { host, pluginIds, port } from '../servers/arguments.mjs';
import { otherRoutes } from '../servers/requests/order.mjs';
import { keyFile } from './keys.mjs';

function pluginOf(pluginId) {
  return createBackendPlugin({
    pluginId,
    register(env) {
      env.registerInit({
        deps: { httpRouter: coreServices.httpRouter },
        async init({ httpRouter }) {
          const router = Router();
          router.get('/hello', (_request, response) => response.json({ hello: pluginId }));
          // It has no validation of its own; only that it is JSON is checked.
          router.post('/echo', json(), (request, response) => response.json(request.body));
          for (const name of otherRoutes)
            router.get(`/${name}/:id`, (request, response) => response.json(request.params));
          httpRouter.use(router);
          httpRouter.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
        },
      });
    },
  });
}

const config = new ConfigReader({
  app: { baseUrl: `http://${host}:${port}` },
  backend: {
    baseUrl: `http://${host}:${port}`,
    listen: { host, port },
    auth: {
      pluginKeyStore: {
        type: 'static',
        static: { keys: [{ keyId: 'bench', publicKeyFile: keyFile('public'), privateKeyFile: keyFile('private') }] },
      },
    },
  },
});

const backend = createBackend();
backend.add(createServiceFactory({ service: coreServices.rootConfig, deps: {}, factory: () => config }));
for (const pluginId of pluginIds) backend.add(pluginOf(pluginId));
await backend.start();
