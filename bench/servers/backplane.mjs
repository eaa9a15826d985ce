// By path: this folder has a package.json of its own, so the package cannot be named by its name here.
import { Backend, Get, Inject, Plugin, Service } from '../../dist/bundle/index.js';
import { host, pluginIds, port } from './arguments.mjs';

/** A plugin with a service; its decorators are called as functions, so nothing is to be compiled. */
function pluginOf(pluginId) {
  class Greeter {
    greet() {
      return { hello: pluginId };
    }
  }
  Service({ id: `${pluginId}.greeter`, scope: 'plugin' })(Greeter);

  class GreetingPlugin {
    constructor(greeter) {
      this.greeter = greeter;
    }
    hello() {
      return this.greeter.greet();
    }
  }
  Inject(Greeter)(GreetingPlugin, undefined, 0);
  Get('/hello', { allow: 'unauthenticated' })(GreetingPlugin.prototype, 'hello');
  Plugin({ pluginId })(GreetingPlugin);
  return GreetingPlugin;
}

await Backend.start({
  features: pluginIds.map(pluginOf),
  config: { backend: { listen: { host, port } } },
});
