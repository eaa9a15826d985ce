#!/usr/bin/env node
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Backend } from '../default-backend.js';
import { formatPlan } from './format-plan.js';

const modes = ['development', 'test', 'production'] as const;

const usage = `backplane start [folder]          starts the backend that the package in folder describes
backplane plan [folder] [--json]  prints what would be started, and starts nothing

  --config <file>   a configuration file, instead of app-config.yaml and its companions; repeatable
  --mode <mode>     development, test or production
  --json            plain data instead of text

The features are those a scan finds: the dependencies with a "backplane.role", and the folder named in
"backplane.features". A program that names its features itself prints its plan with Backend.plan(options).
`;

/** Throws for an argument that means nothing: a typo must not start something else than was meant. */
function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      // Where the configuration is, the framework reads from the arguments by itself.
      config: { type: 'string', multiple: true },
      mode: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const mode = modes.find(name => name === values.mode);
  if (values.mode !== undefined && !mode) throw new Error(`--mode is one of ${modes.join(', ')}, not '${values.mode}'`);
  const [command, folder = process.cwd(), ...others] = positionals;
  if (others.length > 0) throw new Error(`'${others[0]}' is one folder too many`);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`There is no folder '${folder}'`);
  return { ...values, command, options: { root: folder, ...(mode && { mode }) } };
}

try {
  const { command, options, json, help } = readArguments();
  if (help) process.stdout.write(usage);
  else if (command === 'start') await Backend.start(options);
  else if (command === 'plan') {
    const plan = await Backend.plan(options);
    process.stdout.write(json ? `${JSON.stringify(plan, undefined, 2)}\n` : formatPlan(plan));
  } else {
    process.stderr.write(`${command ? `backplane: there is no command '${command}'\n\n` : ''}${usage}`);
    process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
