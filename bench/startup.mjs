import { interleaved, spreadOf } from './rounds.mjs';
import { coldStart } from './server-process.mjs';

const sizes = [1, 10, 100, 1000];

/** The time from spawn to the first answered request, in ms, of every peer with each number of plugins. */
export const startup = {
  name: 'startup',
  title: 'Cold start: spawn to first answered request, ms',
  columns: sizes.map(plugins => ({ id: String(plugins), title: plugins === 1 ? '1 plugin' : `${plugins} plugins` })),
  unit: 'ms',
  digits: 0,

  async measure(peers, rounds, report) {
    const cases = peers.flatMap(peer => sizes.map(plugins => ({ peer, plugins })));
    const results = await interleaved(cases, rounds, ({ peer, plugins }) => coldStart(peer, plugins), report);
    return [...results].map(([{ peer, plugins }, values]) => ({
      peer: peer.id,
      column: String(plugins),
      ...spreadOf(values),
    }));
  },
};
