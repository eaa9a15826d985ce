import type { BackendEvent } from '../../lib/api/backend-status-service.js';
import type { JsonObject } from '../../lib/api/config-service.js';
import { RootLoggerService } from '../../lib/api/logger-service.js';
import { Backend } from '../../lib/backend/backend.js';
import { framework } from '../../lib/composition-root.js';
import { mockServices, override } from '../../lib/testing/index.js';

/** A backend with everything real but its log, which is kept; it listens only where it is told to. */
export class QuietBackend extends Backend {
  readonly events: BackendEvent[] = [];
  readonly logger: ReturnType<typeof mockServices.rootLogger>;

  /** `backend` is the section of that name. */
  constructor(features: readonly unknown[], backend: JsonObject = {}) {
    const logger = mockServices.rootLogger();
    super(framework, {
      features,
      mode: 'test',
      overrides: [override(RootLoggerService).withValue(logger)],
      config: { backend: { listen: false, baseUrl: 'http://localhost', ...backend } },
    });
    this.logger = logger;
    this.status.subscribe(event => this.events.push(event));
  }

  /** The events of one type. */
  of<T extends BackendEvent['type']>(type: T): Extract<BackendEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<BackendEvent, { type: T }> => event.type === type);
  }

  /** Resolves with the first event of the type that fits, past or to come. */
  async event<T extends BackendEvent['type']>(
    type: T,
    fits: (event: Extract<BackendEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<BackendEvent, { type: T }>> {
    for (;;) {
      const found = this.of(type).find(fits);
      if (found) return found;
      const unsubscribe = await new Promise<() => void>(resolve => {
        const end = this.status.subscribe(event => event.type === type && resolve(end));
      });
      unsubscribe();
    }
  }
}

/** What happens, in order, noted by whoever does it. */
export class Journal {
  readonly entries: string[] = [];

  readonly note = (entry: string): void => {
    this.entries.push(entry);
  };

  /** A hook, or anything that is called without arguments, which notes that it was. */
  readonly hook =
    (entry: string): (() => void) =>
    () =>
      this.note(entry);
}

/** What a promise rejects with; fails where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the promise resolved');
}

export const forEver = (): Promise<never> => new Promise(() => {});
