import { fileURLToPath } from 'node:url';

/**
 * Who is measured, in the order of the tables. `folder` holds the package.json whose dependencies the server needs.
 * A peer with a `flag` is left out unless that flag is given.
 * `requestServer` has the routes that the benches of requests ask for.
 */
export const peers = [
  {
    id: 'node',
    name: 'node:http',
    server: inBench('servers/node.mjs'),
    requestServer: inBench('servers/requests/node.mjs'),
  },
  {
    id: 'fastify',
    name: 'Fastify',
    server: inBench('servers/fastify.mjs'),
    requestServer: inBench('servers/requests/fastify.mjs'),
    folder: inBench('.'),
  },
  { id: 'nest-express', name: 'NestJS on Express', server: inBench('servers/nest-express.mjs'), folder: inBench('.') },
  {
    id: 'nest-fastify',
    name: 'NestJS on Fastify',
    server: inBench('servers/nest-fastify.mjs'),
    requestServer: inBench('servers/requests/nest-fastify.mjs'),
    folder: inBench('.'),
  },
  {
    id: 'backstage',
    name: 'Backstage',
    server: inBench('backstage/server.mjs'),
    requestServer: inBench('backstage/request-server.mjs'),
    folder: inBench('backstage'),
    flag: 'backstage',
  },
  {
    id: 'backplane',
    name: 'Backplane',
    server: inBench('servers/backplane.mjs'),
    requestServer: inBench('servers/requests/backplane.mjs'),
  },
];

/** The peer that the ratios in a table are to, unless its bench names another one. */
export const reference = 'fastify';

export function nameOf(id) {
  return peers.find(peer => peer.id === id).name;
}

function inBench(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}
