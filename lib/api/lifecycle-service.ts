import { Service } from '../../decorators/service.js';

export type LifecycleHook = () => void | Promise<void>;

export interface LifecycleHookOptions {
  /** Names the hook in errors and in the log. Default: the function's name. */
  readonly name?: string;
  /** How long it may take, in ms. Default: `backend.lifecycle.hookTimeout`, 5 s. */
  readonly timeout?: number;
}

/** Hooks of one plugin's life. Startup hooks run in order once `init()` is done, shutdown hooks in reverse order. */
@Service({ id: 'core.lifecycle', scope: 'plugin' })
export abstract class LifecycleService {
  /** Throws `HOOK_TOO_LATE` once the plugin has started. */
  abstract addStartupHook(hook: LifecycleHook, options?: LifecycleHookOptions): void;
  /** Throws `HOOK_TOO_LATE` once the plugin is stopping. */
  abstract addShutdownHook(hook: LifecycleHook, options?: LifecycleHookOptions): void;
}

/**
 * Hooks of the backend's life.
 *
 * Startup hooks run once every plugin has started; before-shutdown hooks run first when it stops, while requests are
 * still answered; shutdown hooks run last, after all plugins have stopped.
 */
@Service({ id: 'core.root-lifecycle', scope: 'root' })
export abstract class RootLifecycleService extends LifecycleService {
  abstract addBeforeShutdownHook(hook: LifecycleHook, options?: LifecycleHookOptions): void;
}
