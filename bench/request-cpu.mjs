import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { interleaved, spreadOf } from './rounds.mjs';
import { withServer } from './server-process.mjs';
import { order } from './servers/requests/order.mjs';

const feeder = fileURLToPath(new URL('servers/requests/feed.mjs', import.meta.url));

/** As much as V8 gives servers that have been busy for a while; how soon it does so is chance. */
const memory = ['--min-semi-space-size=16'];

const columns = [
  { id: 'get-10', title: 'GET, 10 plugins', plugins: 10, method: 'GET' },
  { id: 'post-10', title: 'POST 1 KiB, 10', plugins: 10, method: 'POST', body: order },
  { id: 'get-1000', title: 'GET, 1,000', plugins: 1000, method: 'GET' },
];

/** The CPU time of one request without sockets, in µs. The least of the rounds is the steadiest figure there is. */
export const requestCpu = {
  name: 'cpu',
  title: 'CPU time of a request without sockets, µs',
  columns,
  unit: 'µs',
  digits: 1,
  reference: 'node',
  statistic: 'min',

  async measure(peers, rounds, report) {
    const cases = peers.filter(peer => peer.requestServer).flatMap(peer => columns.map(column => ({ peer, column })));
    const results = await interleaved(cases, rounds, costOfRequest, report);
    return [...results].map(([{ peer, column }, values]) => ({
      peer: peer.id,
      column: column.id,
      ...spreadOf(values),
    }));
  },
};

async function costOfRequest({ peer, column: { plugins, method, body } }) {
  const options = {
    nodeOptions: ['--expose-gc', '--import', feeder, ...memory],
    stdio: 'ipc',
    server: peer.requestServer,
  };
  return await withServer(peer, plugins, options, async ({ child, ended }) => {
    // The middle one: neither the first nor the last that is looked at.
    const path = `/api/p${Math.ceil(plugins / 2)}/${method === 'GET' ? 'hello' : 'echo'}`;
    child.send({ method, path, body });
    const [{ status, microseconds }] = await once(child, 'message', { signal: ended });
    if (status !== 200 && status !== 201) throw new Error(`${method} ${path} was answered with ${status}.`);
    return microseconds;
  });
}
