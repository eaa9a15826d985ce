import { RootLifecycleService, type LifecycleHook } from '../api/lifecycle-service.js';

/** Keeps hooks and runs none by itself: a test runs them when it wants to. */
export class MockLifecycle extends RootLifecycleService {
  readonly startupHooks: LifecycleHook[] = [];
  readonly beforeShutdownHooks: LifecycleHook[] = [];
  readonly shutdownHooks: LifecycleHook[] = [];

  override addStartupHook(hook: LifecycleHook): void {
    this.startupHooks.push(hook);
  }

  override addBeforeShutdownHook(hook: LifecycleHook): void {
    this.beforeShutdownHooks.push(hook);
  }

  override addShutdownHook(hook: LifecycleHook): void {
    this.shutdownHooks.push(hook);
  }

  /** Runs the startup hooks, in order. */
  async startup(): Promise<void> {
    for (const hook of this.startupHooks) await hook();
  }

  /** Runs the before-shutdown hooks together, then the shutdown hooks in reverse order. */
  async shutdown(): Promise<void> {
    await Promise.all(this.beforeShutdownHooks.map(async hook => hook()));
    for (const hook of this.shutdownHooks.toReversed()) await hook();
  }
}
