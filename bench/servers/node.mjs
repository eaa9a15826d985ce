import { createServer } from 'node:http';
import { host, pluginIds, port } from './arguments.mjs';

const routes = new Map(pluginIds.map(pluginId => [`/api/${pluginId}/hello`, () => ({ hello: pluginId })]));

createServer((request, response) => {
  const answer = request.method === 'GET' ? routes.get(request.url) : undefined;
  const body = JSON.stringify(answer ? answer() : { error: 'not_found' });
  response.writeHead(answer ? 200 : 404, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}).listen(port, host);
