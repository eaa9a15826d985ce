import { createServer } from 'node:http';
import { host, pluginIds, port } from '../arguments.mjs';

// The least that answers: no routes but these two, no check but that it is JSON.
const greetings = new Map(pluginIds.map(pluginId => [`/api/${pluginId}/hello`, () => ({ hello: pluginId })]));
const echoes = new Set(pluginIds.map(pluginId => `/api/${pluginId}/echo`));

createServer((request, response) => {
  if (request.method === 'GET') {
    const greet = greetings.get(request.url);
    return send(response, greet ? 200 : 404, greet ? greet() : { error: 'not_found' });
  }
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const known = request.method === 'POST' && echoes.has(request.url);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    send(response, known ? 200 : 404, known ? body : { error: 'not_found' });
  });
}).listen(port, host);

function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
