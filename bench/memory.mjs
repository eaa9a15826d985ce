import { interleaved, spreadOf } from './rounds.mjs';
import { memoryOf } from './server-process.mjs';

const few = 1;
const many = 1000;

/** What one more plugin costs in memory, in KiB: the difference of a server with 1,000 and one with 1, divided. */
export const memory = {
  name: 'memory',
  title: `Memory per plugin: (${many} plugins - ${few} plugin) / ${many - few}, KiB`,
  columns: [
    { id: 'heap', title: 'heap' },
    { id: 'resident', title: 'resident' },
  ],
  unit: 'KiB',
  digits: 1,

  async measure(peers, rounds, report) {
    const results = await interleaved(peers, rounds, costOfPlugin, report);
    return [...results].flatMap(([peer, costs]) =>
      this.columns.map(({ id }) => ({ peer: peer.id, column: id, ...spreadOf(costs.map(cost => cost[id])) })),
    );
  },
};

async function costOfPlugin(peer) {
  const least = await memoryOf(peer, few);
  const most = await memoryOf(peer, many);
  const perPlugin = kind => (most[kind] - least[kind]) / (many - few);
  return { heap: perPlugin('heap'), resident: perPlugin('resident') };
}
