import type { IncomingMessage } from 'node:http';
import { Service } from '../../decorators/service.js';
import { pluginView, type PluginViewable } from './plugin-view.js';

export type AuditSeverity = 'low' | 'medium' | 'high' | 'critical';

export interface AuditEventOptions {
  /** In kebab-case, as `entity-delete`. */
  readonly eventId: string;
  /** `low` unless said. */
  readonly severityLevel?: AuditSeverity;
  /**
   * The request that leads to it, of which the actor is told; `'current'` for the one that is being answered. Without
   * it the plugin itself is the actor.
   */
  readonly request?: IncomingMessage | 'current';
  /** More about it, as JSON; secrets do not belong here. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Something that goes on. It ends once, by either method; a second end throws. */
export interface AuditEvent {
  /** Ended well; `meta` is added to what was said at the beginning. */
  success(options?: { readonly meta?: Readonly<Record<string, unknown>> }): Promise<void>;
  fail(options: { readonly error: unknown; readonly meta?: Readonly<Record<string, unknown>> }): Promise<void>;
}

/** Who did what, for those who have to know it later. Nobody can write as somebody else: the actor is found, not said. */
@Service({ id: 'core.auditor', scope: 'plugin' })
export abstract class AuditorService {
  /**
   * Writes that something begins, with status `initiated`. Rejects with a `TypeError` where the event is none, and with
   * 401 where the credentials of the request are bad.
   */
  abstract createEvent(options: AuditEventOptions): Promise<AuditEvent>;
}

/** Who acts. */
export interface AuditActor {
  /** `user:default/ada`, `plugin:catalog`, `external:ci`; absent: nobody has said. */
  readonly actorId?: string;
  /** The plugin that acts on behalf of a user. */
  readonly onBehalfBy?: string;
  readonly ip?: string;
  readonly hostname?: string;
  readonly userAgent?: string;
}

/** One line of the audit, frozen. */
export interface AuditRecord {
  readonly isAuditEvent: true;
  readonly plugin: string;
  readonly eventId: string;
  readonly severityLevel: AuditSeverity;
  readonly actor: AuditActor;
  /** Without the query, in which there may be a secret. */
  readonly request?: { readonly url: string; readonly method: string };
  readonly status: 'initiated' | 'succeeded' | 'failed';
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
}

/**
 * Where the audit goes instead of the log, in an installation that implements it. Only the framework writes to it: what
 * a plugin is given refuses.
 */
@Service({ id: 'core.audit-sink', scope: 'root' })
export abstract class AuditSink implements PluginViewable<AuditSink> {
  abstract write(record: AuditRecord): void;

  [pluginView](): AuditSink {
    return refusing;
  }
}

const refusing = Object.freeze(
  Object.assign(Object.create(AuditSink.prototype) as AuditSink, {
    write(): never {
      throw new TypeError('A plugin writes to the audit by AuditorService');
    },
  }),
);
