import type { IncomingMessage } from 'node:http';
import { Service } from '../../decorators/service.js';
import type { AuditActor, AuditRecord } from './auditor-service.js';

export type AuditEntry = Omit<AuditRecord, 'isAuditEvent' | 'plugin' | 'actor' | 'request'> & {
  readonly actor?: AuditActor;
  readonly request?: IncomingMessage;
};

/** The audit of the whole backend, for the framework's own services. What a plugin is given writes as that plugin. */
@Service({ id: 'core.root-audit', scope: 'root' })
export abstract class RootAuditService {
  abstract write(entry: AuditEntry, pluginId?: string): void;
}
