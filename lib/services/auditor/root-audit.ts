import { Inject, Optional } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { AuditSink, type AuditRecord } from '../../api/auditor-service.js';
import { type BackendEvent, BackendStatusService } from '../../api/backend-status-service.js';
import { RootConfigService } from '../../api/config-service.js';
import { RootLoggerService } from '../../api/logger-service.js';
import { pluginView, type PluginViewable, type Viewer } from '../../api/plugin-view.js';
import { type AuditEntry, RootAuditService } from '../../api/root-audit-service.js';
import { readAuditorSettings, type AuditLevels } from './auditor-settings.js';

/** Writes to the sink of the installation, or to the log; and what the backend itself has to tell. */
@Service({ implements: RootAuditService })
export class RootAudit extends RootAuditService implements PluginViewable<RootAuditService>, Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #levels: AuditLevels;
  readonly #logger: RootLoggerService;
  readonly #sink: AuditSink | undefined;
  readonly #unsubscribe: () => void;

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(RootLoggerService) logger: RootLoggerService,
    @Inject(BackendStatusService) status: BackendStatusService,
    @Optional() @Inject(AuditSink) sink: AuditSink | undefined,
  ) {
    super();
    this.#levels = readAuditorSettings(config);
    this.#logger = logger;
    this.#sink = sink;
    this.#unsubscribe = status.subscribe(event => this.#observe(event));
  }

  override write({ request, actor = {}, ...entry }: AuditEntry, pluginId = 'backend'): void {
    const record: AuditRecord = Object.freeze({
      ...entry,
      isAuditEvent: true,
      plugin: pluginId,
      actor: Object.freeze(request ? { ...actor, ...traceOf(request) } : actor),
      ...(request && {
        request: Object.freeze({ url: (request.url ?? '').split('?', 1)[0]!, method: request.method ?? '' }),
      }),
    });
    if (this.#sink) {
      this.#sink.write(record);
    } else {
      const { plugin, ...fields } = record;
      this.#logger.child({ plugin })[this.#levels[entry.severityLevel]](`${plugin}.${entry.eventId}`, fields);
    }
  }

  [pluginView]({ pluginId }: Viewer): RootAuditService {
    return Object.freeze(
      Object.assign(Object.create(RootAuditService.prototype) as RootAuditService, {
        write: (entry: AuditEntry) => this.write(entry, pluginId),
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  #observe(event: BackendEvent): void {
    const fact = { severityLevel: 'medium', status: 'failed', actor: { actorId: 'backend' } } as const;
    if (event.type === 'plugin-failed' && event.allowed) {
      this.write({ ...fact, eventId: 'plugin-start-isolated', error: event.error }, event.pluginId);
    } else if (event.type === 'stray-error' && event.policy === 'isolate') {
      this.write({ ...fact, eventId: 'plugin-isolated', error: event.error }, event.pluginId);
    }
  }
}

/** Where a request says it comes from. */
function traceOf({ socket, headers }: NonNullable<AuditEntry['request']>): object {
  return { ip: socket.remoteAddress, hostname: headers.host, userAgent: headers['user-agent']?.slice(0, 256) };
}
