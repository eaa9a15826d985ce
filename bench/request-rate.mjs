import { execFileSync } from 'node:child_process';
import { interleaved, spreadOf } from './rounds.mjs';
import { withServer } from './server-process.mjs';
import { order } from './servers/requests/order.mjs';

const connections = 64;
/** How long each case is under load, in s, after one second that is not counted. */
const duration = 4;
const [serverCpu, clientCpu] = [0, 1];

const columns = [
  { id: 'get-10', title: 'GET, 10 plugins', plugins: 10, method: 'GET' },
  { id: 'post-10', title: 'POST 1 KiB, 10', plugins: 10, method: 'POST', body: JSON.stringify(order) },
];

/** Requests per second over sockets, with the client on the other CPU. */
export const requestRate = {
  name: 'requests',
  title: `Requests per second, ${connections} connections`,
  columns,
  unit: '1/s',
  digits: 0,
  reference: 'node',

  async measure(peers, rounds, report) {
    // Loaded late: like the peers it is installed on first use.
    const { default: autocannon } = await import('autocannon');
    execFileSync('taskset', ['-pc', String(clientCpu), String(process.pid)]);
    const cases = peers.filter(peer => peer.requestServer).flatMap(peer => columns.map(column => ({ peer, column })));
    const results = await interleaved(cases, rounds, one => rateOf(one, autocannon), report);
    return [...results].map(([{ peer, column }, values]) => ({
      peer: peer.id,
      column: column.id,
      ...spreadOf(values),
    }));
  },
};

async function rateOf({ peer, column: { plugins, method, body } }, autocannon) {
  const options = { nodeOptions: [], stdio: 'ignore', server: peer.requestServer, cpu: serverCpu };
  return await withServer(peer, plugins, options, async ({ urlOf }) => {
    const load = seconds =>
      autocannon({
        url: urlOf('p5', method === 'GET' ? 'hello' : 'echo'),
        connections,
        duration: seconds,
        method,
        ...(body && { body, headers: { 'content-type': 'application/json' } }),
      });
    await load(1);
    const { requests, non2xx, errors } = await load(duration);
    if (non2xx > 0 || errors > 0) throw new Error(`${non2xx} answers were no 2xx, ${errors} requests failed.`);
    return requests.average;
  });
}
