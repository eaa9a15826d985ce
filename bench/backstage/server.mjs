import { createBackend } from '@backstage/backend-defaults';
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import { ConfigReader } from '@backstage/config';
import { Router } from 'express';
import { host, pluginIds, port } from '../servers/arguments.mjs';
import { keyFile } from './keys.mjs';

/** A plugin with a service of its own and a router behind the plugin's path. */
function pluginOf(pluginId) {
  class Greeter {
    greet() {
      return { hello: pluginId };
    }
  }
  const greeterRef = createServiceRef({
    id: `${pluginId}.greeter`,
    scope: 'plugin',
    defaultFactory: async service => createServiceFactory({ service, deps: {}, factory: () => new Greeter() }),
  });

  return createBackendPlugin({
    pluginId,
    register(env) {
      env.registerInit({
        deps: { greeter: greeterRef, httpRouter: coreServices.httpRouter },
        async init({ greeter, httpRouter }) {
          const router = Router();
          router.get('/hello', (_request, response) => response.json(greeter.greet()));
          httpRouter.use(router);
          httpRouter.addAuthPolicy({ path: '/hello', allow: 'unauthenticated' });
        },
      });
    },
  });
}

// The cheapest configuration there is: an object instead of files, and static keys, so that no plugin needs a database.
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
