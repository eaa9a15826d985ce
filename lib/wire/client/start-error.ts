import { isRemoteError } from '../../contract/remote-error.js';
import { BackplaneError } from '../../errors/backplane-error.js';

/** What the call of a starting plugin has failed with: where plugins wait for each other to start, that. */
export function asStartError(error: unknown, pluginId: string): unknown {
  if (!isRemoteError(error) || error.code !== 'start_cycle') return error;
  const { path } = error.details as { readonly path: readonly string[] };
  return new BackplaneError({
    code: 'START_CYCLE',
    message: `Plugins wait for each other to start: ${path.join(' -> ')}`,
    path: [`in plugin '${pluginId}'`, `-> operation '${error.operation}' of plugin '${error.pluginId}'`],
    fix: 'call the other plugin from a startup hook that does not wait, or when its answer is needed.',
  });
}
