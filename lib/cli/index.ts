#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { Backend } from '../default-backend.js';
import { formatPlan } from './format-plan.js';

const usage = `backplane start [folder]          starts the backend that the package in folder describes
backplane plan [folder] [--json]  prints what would be started, and starts nothing

  --config <file>   a configuration file, instead of app-config.yaml and its companions; repeatable
  --mode <mode>     development, test or production
  --json            plain data instead of text

The features are those a scan finds: the dependencies with a "backplane.role", and the folder named in
"backplane.features". A program that names its features itself prints its plan with Backend.plan(options).
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    config: { type: 'string', multiple: true },
    mode: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [command, folder = process.cwd()] = positionals;
const root = { root: folder };

try {
  if (values['help']) process.stdout.write(usage);
  else if (command === 'start') await Backend.start(root);
  else if (command === 'plan') {
    const plan = await Backend.plan(root);
    process.stdout.write(values['json'] ? `${JSON.stringify(plan, undefined, 2)}\n` : formatPlan(plan));
  } else {
    process.stderr.write(`${command ? `backplane: there is no command '${command}'\n\n` : ''}${usage}`);
    process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
