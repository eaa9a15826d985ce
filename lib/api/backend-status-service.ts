import { Service } from '../../decorators/service.js';

export type BackendPhase = 'starting' | 'ready' | 'stopping' | 'stopped';

/** `failed`: it may be tried again; until then its requests are refused at once. */
export type PluginPhase = 'waiting' | 'starting' | 'ready' | 'failed' | 'stopping' | 'stopped';

export interface PluginStatus {
  readonly pluginId: string;
  readonly phase: PluginPhase;
  readonly failure?: unknown;
}

/** What happens to the backend, told as it happens. Durations are in ms. */
export type BackendEvent =
  | { readonly type: 'backend-phase'; readonly phase: BackendPhase }
  | {
      readonly type: 'plugin-phase';
      readonly pluginId: string;
      readonly phase: PluginPhase;
      readonly failure?: unknown;
    }
  | { readonly type: 'plugin-started'; readonly pluginId: string; readonly duration: number }
  | {
      readonly type: 'plugin-failed';
      readonly pluginId: string;
      readonly error: unknown;
      readonly allowed: boolean;
      /** When it is tried again, in ms from now; absent: never. */
      readonly retryIn?: number;
    }
  | {
      readonly type: 'module-failed';
      readonly pluginId: string;
      readonly moduleId: string;
      readonly error: unknown;
      readonly allowed: boolean;
    }
  | { readonly type: 'start-progress'; readonly waitingFor: readonly string[] }
  | { readonly type: 'backend-started'; readonly duration: number; readonly plugins: number }
  | { readonly type: 'hook-failed'; readonly hook: string; readonly pluginId?: string; readonly error: unknown }
  | { readonly type: 'stop-step'; readonly step: string }
  | {
      /** An error outside of any request; `pluginId` is absent where nobody can be named. */
      readonly type: 'stray-error';
      readonly pluginId?: string;
      readonly error: unknown;
      readonly policy: 'crash' | 'isolate';
    }
  | {
      readonly type: 'warning';
      readonly code: string;
      readonly message: string;
      /** Where it is, outermost first. */
      readonly path?: readonly string[];
      /** What to do. */
      readonly fix?: string;
      readonly cause?: unknown;
    };

/** The state of the backend and of its plugins. Provided by the backend itself; it cannot be overridden. */
@Service({ id: 'core.backend-status', scope: 'root' })
export abstract class BackendStatusService {
  abstract readonly phase: BackendPhase;
  /** The backend stops because of an error: nobody waits for balancers, and draining gets 4 s at most. */
  abstract readonly urgent: boolean;
  /** `undefined` for a plugin that is not installed. */
  abstract plugin(pluginId: string): PluginStatus | undefined;
  abstract plugins(): readonly PluginStatus[];
  /** Calls `listener` with every event from now on; gives back how to end that. A listener that throws is ignored. */
  abstract subscribe(listener: (event: BackendEvent) => void): () => void;
}
