import type { Mode } from '../api/metadata-services.js';

const modes: readonly string[] = ['development', 'test', 'production'] satisfies Mode[];

/**
 * The mode somebody said: `--mode`, else `BACKPLANE_MODE`, else `NODE_ENV`. This is the only place that reads them.
 * What is none of the three modes says nothing.
 */
export function saidMode(
  argv: readonly string[] = process.argv,
  env: NodeJS.ProcessEnv = process.env,
): Mode | undefined {
  const index = argv.indexOf('--mode');
  const inline = argv.find(argument => argument.startsWith('--mode='))?.slice('--mode='.length);
  const said = inline ?? (index >= 0 ? argv[index + 1] : undefined) ?? env['BACKPLANE_MODE'] ?? env['NODE_ENV'];
  return said !== undefined && modes.includes(said) ? (said as Mode) : undefined;
}
