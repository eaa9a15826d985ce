import type { Mode } from '../api/metadata-services.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';

export const modes: readonly Mode[] = ['development', 'test', 'production'];

export function isMode(value: unknown): value is Mode {
  return (modes as readonly unknown[]).includes(value);
}

/** The mode that a program says, or whoever starts it; else production. Throws `BackendStartupError` for what is none. */
export function modeOf({ mode }: { readonly mode?: Mode }, program?: Program): Mode {
  if (mode) return mode;
  const said = whatIsSaid(program);
  if (said && isMode(said.mode)) return said.mode;
  if (said?.isOurs) throw unknownMode(said);
  return 'production';
}

/** The mode that `--mode`, else `BACKPLANE_MODE`, else `NODE_ENV` says; what is none of the three says nothing. */
export function saidMode(program?: Program): Mode | undefined {
  const mode = whatIsSaid(program)?.mode;
  return isMode(mode) ? mode : undefined;
}

type Program = Pick<NodeJS.Process, 'argv' | 'env'>;

interface Said {
  readonly mode: string;
  /** How, as `--mode`. */
  readonly by: string;
  /** `NODE_ENV` is for others as well, who know `staging` and more. */
  readonly isOurs: boolean;
}

/** This is the only place that reads them. */
function whatIsSaid({ argv, env }: Program = process): Said | undefined {
  const index = argv.indexOf('--mode');
  const inline = argv.find(argument => argument.startsWith('--mode='))?.slice('--mode='.length);
  const argument = inline ?? (index >= 0 ? (argv[index + 1] ?? '') : undefined);
  if (argument !== undefined) return { mode: argument, by: '--mode', isOurs: true };
  const { BACKPLANE_MODE: own, NODE_ENV: usual } = env;
  if (own) return { mode: own, by: 'BACKPLANE_MODE', isOurs: true };
  return usual === undefined ? undefined : { mode: usual, by: 'NODE_ENV', isOurs: false };
}

function unknownMode({ mode, by }: Said): BackendStartupError {
  const names = modes.map(name => `'${name}'`).join(', ');
  const problem = {
    code: 'INVALID_OPTION',
    message: `${by} is '${mode}', which is no mode`,
    path: [],
    fix: `write one of ${names}; a program for which ${by} means something else gives its mode to the backend, as { mode: 'production' }.`,
  };
  return new BackendStartupError([problem]);
}
