import { Service } from '../../decorators/service.js';
import type { Travelling } from './attribution.js';
import type { WireRequest, WireResponse } from './wire-service.js';

/** One call of a plugin, with all that goes along but what the transport adds. */
export interface OutgoingCall {
  readonly request: WireRequest;
  /** What is called, for errors. */
  readonly operation: { readonly pluginId: string; readonly name: string };
  readonly token: string | undefined;
  /** The request that is being answered meanwhile. */
  readonly within: Travelling | undefined;
  /** When the answer is too late, in ms since 1970; `backend.wire.timeout` from now at the latest. */
  readonly deadline: number | undefined;
  /** The deadline is that of whoever has asked this plugin: that it passes says nothing about the plugin that is called. */
  readonly isHurried?: boolean;
  readonly signal: AbortSignal | undefined;
  readonly requestId: string | undefined;
  /** Calling twice does what calling once does. */
  readonly isIdempotent: boolean;
  /** The answer may come as a value, where it is JSON and does not go over a network. */
  readonly takesJson?: boolean;
}

/** The ways from plugin to plugin: in memory where both run in this process, else HTTP. */
@Service({ id: 'core.root-wire', scope: 'root' })
export abstract class RootWireService {
  /**
   * Gives the answer once its head is there, whatever its status. Rejects with `RemoteError` where there is none: 503
   * `plugin_unreachable` or `circuit_open`, 504 `deadline_exceeded`; with `UNKNOWN_ADDRESS` where nobody knows the
   * plugin, and with the reason of the signal. `callerId` is empty where the framework itself asks; a plugin is given one
   * that calls in its own name, whatever it says.
   */
  abstract send(call: OutgoingCall, callerId: string): Promise<WireResponse>;
}
