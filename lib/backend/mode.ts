import type { Mode } from '../api/metadata-services.js';

export const modes: readonly Mode[] = ['development', 'test', 'production'];

export function isMode(value: unknown): value is Mode {
  return (modes as readonly unknown[]).includes(value);
}

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
  return isMode(said) ? said : undefined;
}
