import { type AuditEvent, type AuditEventOptions, AuditorService } from '../api/auditor-service.js';

export interface AuditedEvent extends AuditEventOptions {
  status: 'initiated' | 'succeeded' | 'failed';
  error?: unknown;
}

/** Keeps the events, each with how it ended. */
export class MockAuditor extends AuditorService {
  readonly events: AuditedEvent[] = [];

  override async createEvent(options: AuditEventOptions): Promise<AuditEvent> {
    const event: AuditedEvent = { ...options, status: 'initiated' };
    this.events.push(event);
    const end = (status: AuditedEvent['status'], more: Pick<AuditedEvent, 'meta' | 'error'> = {}) => {
      if (event.status !== 'initiated') throw new Error(`The audit event '${options.eventId}' has ended already`);
      Object.assign(event, more, { status, meta: { ...event.meta, ...more.meta } });
    };
    return { success: async more => end('succeeded', more), fail: async more => end('failed', more) };
  }
}
