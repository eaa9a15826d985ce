import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';
import { interleaved, spreadOf } from './rounds.mjs';
import { order } from './servers/requests/order.mjs';

const host = fileURLToPath(new URL('servers/calls/host.mjs', import.meta.url));

const columns = [
  { id: 'memory', title: 'in memory', calls: 20_000, measure: inMemory },
  { id: 'loopback', title: 'over loopback HTTP', calls: 4_000, measure: overLoopback },
];

/** A call of one plugin to another, JSON of 1 KiB each way, with a token that has been seen before. */
export const calls = {
  name: 'calls',
  title: 'Time of a call between plugins, one after the other, 1 KiB each way, µs',
  columns,
  unit: 'µs',
  digits: 0,
  reference: null,

  async measure(_peers, rounds, report) {
    const results = await interleaved(columns, rounds, column => column.measure(column.calls), report);
    return [...results].map(([{ id }, values]) => ({ peer: 'backplane', column: id, ...spreadOf(values) }));
  },
};

async function inMemory(times) {
  const port = await freePort();
  return await withHosts([[port, 'echo,calling']], ([both]) => costOfCall(both, times));
}

async function overLoopback(times) {
  const [port, echoPort] = [await freePort(), await freePort()];
  const hosts = [
    [port, 'calling', echoPort],
    [echoPort, 'echo', port],
  ];
  return await withHosts(hosts, ([calling]) => costOfCall(calling, times));
}

async function costOfCall(child, times) {
  child.send({ calls: times });
  const [{ microseconds, items }] = await once(child, 'message', { signal: AbortSignal.timeout(120_000) });
  if (items !== order.items.length) throw new Error(`The answer had ${items} items.`);
  return microseconds;
}

/** Runs `use` with a process for each list of arguments, and ends them. */
async function withHosts(hosts, use) {
  const env = { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error' };
  const options = { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] };
  const children = hosts.map(args => fork(host, args.map(String), options));
  try {
    await Promise.all(children.map(child => once(child, 'message', { signal: AbortSignal.timeout(30_000) })));
    return await use(children);
  } finally {
    for (const child of children) {
      const gone = once(child, 'exit');
      if (child.kill('SIGKILL')) await gone;
    }
  }
}
