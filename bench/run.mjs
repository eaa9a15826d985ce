import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';
import { memory } from './memory.mjs';
import { peers } from './peers.mjs';
import { requestCpu } from './request-cpu.mjs';
import { requestRate } from './request-rate.mjs';
import { calls } from './calls.mjs';
import { connections, databases } from './databases.mjs';
import { recordsOf, tableOf } from './report.mjs';
import { startup } from './startup.mjs';

const benches = [startup, memory, requestRate, requestCpu, calls, databases, connections];

const help = `Measures Backplane side by side with its peers. See bench/README.md for what the figures mean.

  npm run bench -- [options]

  --only <bench>   one of: ${benches.map(({ name }) => name).join(', ')}; may be repeated
  --rounds <n>     how often each case is measured (default 8)
  --backstage      measure a Backstage backend too; installs some 700 packages on first use
  --json           print one JSON object per line instead of tables
  --help           print this

The peers and Backplane run on the Node that runs this: npx -p node@24 node bench/run.mjs [options]
`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: benches.map(({ name }) => name) },
    rounds: { type: 'string', default: '8' },
    backstage: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  process.stdout.write(help);
} else {
  await run().catch(error => {
    process.stderr.write(`${error.message}\n${error.cause ? `caused by ${error.cause}\n` : ''}`);
    process.exitCode = 1;
  });
}

async function run() {
  const rounds = Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a number from 1, not '${options.rounds}'.`);
  const chosen = options.only.map(benchNamed);
  if (!existsSync(new URL('../dist/bundle/index.js', import.meta.url))) {
    throw new Error("There is no dist/bundle/index.js: run 'npm run build', or 'npm run bench', which does.");
  }

  const measured = peers.filter(({ flag }) => !flag || options[flag]);
  const skipped = new Map(peers.filter(peer => !measured.includes(peer)).map(({ id, flag }) => [id, `--${flag}`]));
  for (const folder of new Set(measured.flatMap(peer => peer.folder ?? []))) install(folder);
  if (options.backstage) (await import('./backstage/keys.mjs')).makeKeys();

  if (!options.json) {
    const machine = `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} CPUs`;
    process.stdout.write(`${machine}; production mode, ${rounds} interleaved rounds\n\n`);
  }
  for (const bench of chosen) {
    const rows = await bench.measure(measured, rounds, step => process.stderr.write(`${bench.name}: ${step}\n`));
    const text = options.json
      ? recordsOf(bench, rows).map(record => JSON.stringify(record))
      : [tableOf(bench, rows, skipped)];
    process.stdout.write(`${text.join('\n')}\n`);
  }
}

function benchNamed(name) {
  const bench = benches.find(one => one.name === name);
  if (!bench) throw new Error(`--only takes ${benches.map(one => one.name).join(' or ')}, not '${name}'.`);
  return bench;
}
