import type { IncomingMessage } from 'node:http';
import type { AuditorService } from '../../api/auditor-service.js';

interface Actions {
  readonly trigger: (id: string) => Promise<void>;
  readonly cancel: (id: string) => Promise<void>;
}

/** Lets tasks run, or end, and says in the audit who wanted that. */
export class AuditedActions {
  readonly #auditor: AuditorService;
  readonly #actions: Actions;

  constructor(auditor: AuditorService, actions: Actions) {
    this.#auditor = auditor;
    this.#actions = actions;
  }

  /** Without `request` it is the plugin itself that wants it. */
  trigger(id: string, request?: IncomingMessage): Promise<void> {
    return this.#audited('task-trigger', id, request, this.#actions.trigger);
  }

  cancel(id: string, request?: IncomingMessage): Promise<void> {
    return this.#audited('task-cancel', id, request, this.#actions.cancel);
  }

  async #audited(
    eventId: string,
    id: string,
    request: IncomingMessage | undefined,
    act: (id: string) => Promise<void>,
  ): Promise<void> {
    const about = { eventId, severityLevel: 'medium', meta: { task: id } } as const;
    const event = await this.#auditor.createEvent({ ...about, ...(request && { request }) });
    try {
      await act(id);
    } catch (error) {
      await event.fail({ error });
      throw error;
    }
    await event.success();
  }
}
