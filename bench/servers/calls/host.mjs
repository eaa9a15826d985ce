// Hosts the plugins that its command line names: <port> <plugin,…> [<port of the host of the other one>]
import { Backend } from '../../../dist/bundle/index.js';
import { CallingPlugin, EchoPlugin } from './plugins.mjs';

const [port, names, otherPort] = process.argv.slice(2);
const features = names.split(',').map(name => (name === 'echo' ? EchoPlugin : CallingPlugin));
const elsewhere = { target: `http://127.0.0.1:${otherPort}/api/{{pluginId}}`, plugins: ['echo', 'calling'] };
const endpoints = otherPort ? [elsewhere] : [];

await Backend.start({
  features,
  config: { backend: { listen: { host: '127.0.0.1', port: Number(port) } }, discovery: { endpoints } },
});
process.send('ready');
